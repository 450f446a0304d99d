import { lstat, rm } from "node:fs/promises";
import { join } from "node:path";
import { namesIn, nullIfMissing } from "./durable-file.ts";

/**
 * The entries of a folder below `root`, for cleaning up: empty where a folder on the way from `root` is missing, is a file, or is a
 * symbolic link, which leads to what is not ours.
 *
 * @param root - Absolute; may itself be a link
 * @param below - Names of the folders on the way
 */
export async function ownNames(
  root: string,
  ...below: readonly string[]
): Promise<readonly string[]> {
  return (await isOwn(root, below)) ? namesIn(join(root, ...below)) : [];
}

/** Deletes a file below `root`, or the link of its name. Does nothing where a symbolic link leads to its folder. */
export async function removeOwnFile(root: string, path: string): Promise<void> {
  if (await isOwn(root, path.split("/").slice(0, -1))) await rm(join(root, path), { force: true });
}

async function isOwn(root: string, below: readonly string[]): Promise<boolean> {
  let folder = root;
  for (const name of below) {
    folder = join(folder, name);
    if (!(await isRealFolder(folder))) return false;
  }
  return true;
}

/** Whether a path is a folder, and not a symbolic link to one. */
export async function isRealFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(nullIfMissing))?.isDirectory() === true;
}
