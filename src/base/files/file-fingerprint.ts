import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { limitConcurrency } from "../limit-concurrency.ts";

/** A data set may have thousands of files, which are read whole. */
const filesAtOnce = 4;

/** Files up to this size are fingerprinted by content, larger ones by size and modification time. 256 MiB. */
export const hashedBytes = 256 * 1024 * 1024;

/** Fingerprints of files in their order, joined to one text. */
export async function fingerprintFiles(files: readonly (string | URL)[]): Promise<string> {
  const jobs = files.map((file) => () => fingerprintFile(file));
  return (await limitConcurrency(filesAtOnce, jobs)).join(" ");
}

/**
 * A short text that changes with a file's content: its name with its SHA-256 or, where hashing would take long, with size and
 * modification time.
 *
 * @param mostBytes - Largest file to hash
 */
export async function fingerprintFile(
  file: string | URL,
  mostBytes = hashedBytes,
): Promise<string> {
  const name = basename(typeof file === "string" ? file : file.pathname);
  const { size, mtimeMs } = await stat(file);
  if (size > mostBytes) return `${name}:${String(size)}:${String(mtimeMs)}`;
  return `${name}:${createHash("sha256")
    .update(await readFile(file))
    .digest("hex")}`;
}
