/** @file Folders inside another one that must be there: a run folder that was moved meanwhile is not begun anew at its old place. */
import { mkdir, stat } from "node:fs/promises";
import { dirname, isAbsolute, relative, sep } from "node:path";
import { hasCode, nullIfMissing, replaceFile } from "./durable-file.ts";
import { FlowError } from "../errors.ts";

/**
 * Makes a folder and those above it, up to `root`, which must exist. A path outside of `root` is simply made.
 *
 * @param root - Absolute
 * @param path - Absolute
 * @throws `RUN_INVALID` when `root` is gone
 */
export async function makeFolderIn(root: string, path: string): Promise<void> {
  if (!isIn(root, path)) {
    await mkdir(path, { recursive: true });
    return;
  }
  await requireFolder(root);
  if (relative(root, path) !== "") await makeUpTo(root, path);
}

/** {@link replaceFile} of a file in `root`, which must exist. */
export async function replaceFileIn(
  root: string,
  path: string,
  content: string | Uint8Array,
): Promise<void> {
  await replaceFile(path, content, (folder) => makeFolderIn(root, folder));
}

/** @throws `RUN_INVALID` when the folder is gone */
export async function requireFolder(folder: string): Promise<void> {
  if ((await stat(folder).catch(nullIfMissing)) !== null) return;
  throw new FlowError(
    "RUN_INVALID",
    `${folder} is no longer there: it was moved, renamed or deleted while it was written to. Nothing was begun anew in its place. ` +
      "Move it back, or name its new place with --out, and run the same command again: finished work is kept.",
  );
}

async function makeUpTo(root: string, path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (hasCode(error, "EEXIST")) return;
    if (!hasCode(error, "ENOENT")) throw error;
    await requireFolder(root);
    await makeUpTo(root, dirname(path));
    await makeUpTo(root, path);
  }
}

function isIn(root: string, path: string): boolean {
  const way = relative(root, path);
  return !isAbsolute(way) && way.split(sep)[0] !== "..";
}
