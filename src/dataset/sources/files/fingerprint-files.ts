import { fingerprintFile, hashedBytes } from "../../../base/file-fingerprint.ts";
import { findFiles, type SourceFile } from "./find-files.ts";
import type { FilesSettings } from "./settings.ts";

/** The files of a source, each list in order. */
export interface SourceFiles {
  readonly interactions: readonly SourceFile[];
  readonly items: readonly SourceFile[];
  readonly users: readonly SourceFile[];
}

/** @throws `INPUT_INVALID` naming the setting whose path leads to no file */
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
 * What the files of a source hold, as a short text. A URL is known by its text alone: what changes behind it is not noticed.
 */
export async function fingerprintSource(files: SourceFiles): Promise<string> {
  const all = [...files.interactions, ...files.items, ...files.users];
  const bytes = all.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
  // Many files that are each small enough to hash may together take too long.
  const mostBytes = bytes > hashedBytes ? 0 : hashedBytes;
  const prints: string[] = [];
  for (const { path, bytes: size } of all) {
    if (size === null) prints.push(path);
    else prints.push(`${partitionsOf(path)}${await fingerprintFile(path, mostBytes)}`);
  }
  return prints.join(" ");
}

/** The folders of a path that are data, such as `day=2020-01-01`: a partition's value stands nowhere else. */
function partitionsOf(path: string): string {
  const folders = path.split("/").slice(0, -1);
  return folders
    .filter((name) => /^[^=]+=/.test(name))
    .map((name) => `${name}/`)
    .join("");
}
