/** @file Files that are whole after a crash, and what system errors say about files. */
import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Replaces a file as a whole: readers see the old or the new content, also after a crash. */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const attempt = `${path}.${randomUUID()}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeDurably(attempt, content);
    await rename(attempt, path);
  } catch (error) {
    await rm(attempt, { force: true }).catch(() => undefined); // it may never have been made; the cause is `error`
    throw error;
  }
}

/** The entries of a folder, sorted; none when it does not exist or is a file. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return [];
    throw error;
  }
}

/** For `catch`: null for "no such file", also where a folder of its path is a file; rethrows anything else. */
export function nullIfMissing(error: unknown): null {
  if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return null;
  throw error;
}

/** Whether an error is a system error of this code, e.g. `EEXIST`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** Writes a new file and waits until it is on the disk: also after a power cut it is whole. */
export async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Appends to a file and waits until it is on the disk. */
export async function appendDurably(path: string, text: string): Promise<void> {
  const file = await open(path, "a");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
