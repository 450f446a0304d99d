import { lstat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FlowError } from "../base/errors.ts";
import { hasCode, syncFile } from "../base/files/durable-file.ts";
import { linkOrRename, type MakeLink } from "../base/files/new-name.ts";
import { makeTemporaryFolder } from "../base/files/temporary-folder.ts";

/** A file written in a temporary folder, which gets its name once it is complete. */
export interface NewFile {
  /** Path to write to, in a temporary folder beside the file. */
  readonly tempPath: string;
  /** @throws `CONFIG_INVALID` if the file has been created meanwhile */
  readonly commit: () => Promise<void>;
  /** Removes the temporary folder. Does nothing after a commit. */
  readonly discard: () => Promise<void>;
}

/**
 * Prepares a file that must not exist yet. Creates its folder, and deletes what killed processes left there.
 *
 * @param path - Absolute
 * @param makeLink - For tests. Default: link(2)
 * @throws `CONFIG_INVALID` if the path exists
 */
export async function newFile(path: string, makeLink?: MakeLink): Promise<NewFile> {
  // A link counts as itself: what a dangling one would bring about is not the user's file.
  const isThere = await lstat(path).then(
    () => true,
    () => false,
  );
  if (isThere) throw alreadyExists(path);
  const folder = await makeTemporaryFolder("export", dirname(path));
  const tempPath = join(folder.path, basename(path));
  return {
    tempPath,
    discard: folder.remove,
    commit: async () => {
      await syncFile(tempPath);
      await linkOrRename(tempPath, path, makeLink).catch((error: unknown) => {
        throw hasCode(error, "EEXIST") ? alreadyExists(path) : error;
      });
      await folder.remove();
    },
  };
}

function alreadyExists(path: string): FlowError {
  return new FlowError(
    "CONFIG_INVALID",
    `${path} already exists; remove it or choose another name`,
  );
}
