import { randomUUID } from "node:crypto";
import { mkdir, rename, rm } from "node:fs/promises";
import { hasFile } from "./encoder-folder.ts";

/**
 * Makes a folder that appears only when it is complete. Processes may race for it: each makes one, the first to finish wins.
 *
 * @param make - Fills the folder it is given
 * @throws What `make` or the file system throws, unless the folder is there by then
 */
export async function makeFolderOnce(
  folder: string,
  make: (unfinished: string) => Promise<unknown>,
): Promise<void> {
  if (await hasFile(folder)) return;
  const unfinished = `${folder}.${randomUUID()}.tmp`;
  try {
    await mkdir(unfinished, { recursive: true });
    await make(unfinished);
    await rename(unfinished, folder);
  } catch (error) {
    // The first failure is reported, not that its remains could not be removed either.
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
    if (await hasFile(folder)) return; // another process was faster
    throw error;
  }
}
