import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import type { DatasetSettings } from "../settings.ts";
import { findMovielens } from "./movielens/layout.ts";
import { filmCatalogue } from "./quickstart/quickstart-films.ts";

/** Files up to this size are known by their content, larger ones by size and time of change. 256 MiB. */
const hashedBytes = 256 * 1024 * 1024;

/**
 * What the source's files hold, as a short text: part of the ingest stage's configuration, so that changed data are read anew.
 */
export async function fingerprint(dataset: DatasetSettings): Promise<string> {
  switch (dataset.source) {
    case "quickstart":
      return fingerprintFile(filmCatalogue);
    case "movielens": {
      const { ratings, items, users } = await findMovielens(dataset.path);
      return fingerprintFiles([ratings, items, ...(users === undefined ? [] : [users])]);
    }
    case "amazon": {
      const { amazonFiles } = await import("./amazon/amazon-files.ts");
      return fingerprint(await amazonFiles(dataset));
    }
    default: {
      const { filesOf, fingerprintSource } = await import("./files/fingerprint-files.ts");
      return fingerprintSource(await filesOf(dataset));
    }
  }
}

/** What files hold, in their order, as a short text. */
export async function fingerprintFiles(files: readonly (string | URL)[]): Promise<string> {
  return (await Promise.all(files.map(fingerprintFile))).join(" ");
}

/** What a file holds, as a short text: its name with its sha256 or, where that would take long, size and time of change. */
export async function fingerprintFile(file: string | URL): Promise<string> {
  const name = basename(typeof file === "string" ? file : file.pathname);
  const { size, mtimeMs } = await stat(file);
  if (size > hashedBytes) return `${name}:${String(size)}:${String(mtimeMs)}`;
  return `${name}:${createHash("sha256")
    .update(await readFile(file))
    .digest("hex")}`;
}
