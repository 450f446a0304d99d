import { randomUUID } from "node:crypto";
import { open, readdir, rename, rm } from "node:fs/promises";

/** Replaces a file as a whole: readers see the old or the new text, also after a crash. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const attempt = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(attempt, "wx");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(attempt, path);
  } catch (error) {
    await rm(attempt, { force: true }).catch(() => undefined); // the cause is `error`
    throw error;
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

/** The names in a folder, sorted; none when there is no such folder. */
export async function sortedNames(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
