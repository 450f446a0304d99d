import { fingerprintFile, hashedBytes } from "../../../base/files/file-fingerprint.ts";
import { findFiles, type SourceFile } from "./find-files.ts";
import type { FilesSettings } from "./settings.ts";

/** The files of a source, each list in order. */
export interface SourceFiles {
  readonly interactions: readonly SourceFile[];
  readonly items: readonly SourceFile[];
  readonly users: readonly SourceFile[];
}

/** @throws `INPUT_INVALID` naming the setting whose path has no file */
export async function filesOf({
  source,
  interactions,
  items,
  users,
}: Pick<FilesSettings, "source" | "interactions" | "items" | "users">): Promise<SourceFiles> {
  return {
    interactions: await findFiles(interactions, {
      setting: "dataset.interactions",
      format: source,
    }),
    items: items ? await findFiles(items.path, { setting: "dataset.items.path" }) : [],
    users: users ? await findFiles(users.path, { setting: "dataset.users.path" }) : [],
  };
}

/**
 * A short text that changes with the content of a source's files. A URL is known only by its text: changes behind it go unnoticed.
 */
export async function fingerprintSource(files: SourceFiles): Promise<string> {
  const prints: string[] = [];
  const all = [...files.interactions, ...files.items, ...files.users];
  const bytes = all.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
  // Many small files together may take too long to hash.
  const mostBytes = bytes > hashedBytes ? 0 : hashedBytes;
  for (const { path, bytes: size } of all) {
    if (size === null) prints.push(path);
    else prints.push(`${partitionsOf(path)}${await fingerprintFile(path, mostBytes)}`);
  }
  return prints.join(" ");
}

/** The folders of a path that are data, such as `day=2020-01-01`: a partition's value is stored nowhere else. */
function partitionsOf(path: string): string {
  const folders = path.split("/").slice(0, -1);
  return folders
    .filter((name) => /^[^=]+=/.test(name))
    .map((name) => `${name}/`)
    .join("");
}
