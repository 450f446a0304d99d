/** @file Files that survive a crash whole, and checks of system error codes. */
import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Replaces a file atomically: readers see the old or the new content, even after a crash. The folder is made if it is missing.
 *
 * @param makeFolder - How
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  makeFolder: (folder: string) => Promise<unknown> = (folder) => mkdir(folder, { recursive: true }),
): Promise<void> {
  const attempt = `${path}.${randomUUID()}.tmp`;
  await makeFolder(dirname(path));
  try {
    await writeDurably(attempt, content);
    await rename(attempt, path);
  } catch (error) {
    await rm(attempt, { force: true }).catch(() => undefined); // it may not exist; `error` is the cause
    throw error;
  }
}

/** The entries of a folder, sorted; empty when the folder does not exist or is a file. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return [];
    throw error;
  }
}

/** For `catch`: null for "no such file" (also when a parent folder is a file); rethrows anything else. */
export function nullIfMissing(error: unknown): null {
  if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return null;
  throw error;
}

/** Whether an error is a system error with this code, e.g. `EEXIST`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** Writes a new file and waits until it is on disk, so that a power cut cannot truncate it. */
export async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Appends to a file and waits until the text is on disk. */
export async function appendDurably(path: string, text: string): Promise<void> {
  const file = await open(path, "a");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Waits until a file is on disk, so that a rename never gives its new name to a part of it. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
