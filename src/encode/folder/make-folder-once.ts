import { mkdir, rename } from "node:fs/promises";
import path from "node:path";
import { withTemporaryFolder } from "../../base/files/temporary-folder.ts";
import { hasFiles, isTaken } from "./encoder-place.ts";

/**
 * Makes a folder that appears only when it is complete. Processes may race for it: each makes one, the first to finish wins.
 *
 * @param files - Names of the files that it has when it is complete
 * @param make - Fills the folder it is given
 * @throws What `make` or the file system throws, unless the folder is there by then; `OUTPUT_FAILED` when something else is in its place
 */
export async function makeFolderOnce(
  folder: string,
  files: readonly string[],
  make: (unfinished: string) => Promise<unknown>,
): Promise<void> {
  const isThere = (): Promise<boolean> => isTaken(folder, (found) => hasFiles(found, files));
  if (await isThere()) return;
  try {
    await withTemporaryFolder(
      "encoder",
      async (temporary) => {
        const unfinished = path.join(temporary, "made");
        await mkdir(unfinished);
        await make(unfinished);
        await rename(unfinished, folder);
      },
      path.dirname(folder),
    );
  } catch (error) {
    if (await isThere()) return; // another process was faster
    throw error;
  }
}
