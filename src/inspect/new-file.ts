import { randomUUID } from "node:crypto";
import { lstat, mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { FlowError } from "../base/errors.ts";
import { hasCode } from "../base/files/durable-file.ts";
import { linkOrCopy } from "../base/files/link-or-copy.ts";

/** A file written under a temporary name and renamed once it is complete. */
export interface NewFile {
  /** Path to write to, in the same folder. */
  readonly tempPath: string;
  /** @throws `CONFIG_INVALID` if the file has been created meanwhile */
  readonly commit: () => Promise<void>;
  /** Removes the temporary file, if any. Does nothing after a commit. */
  readonly discard: () => Promise<void>;
}

/**
 * Prepares a file that must not exist yet. Creates its folder.
 *
 * @param path - Absolute
 * @throws `CONFIG_INVALID` if the path exists
 */
export async function newFile(path: string): Promise<NewFile> {
  // A link counts as itself: what a dangling one would bring about is not the user's file.
  const isThere = await lstat(path).then(
    () => true,
    () => false,
  );
  if (isThere) throw alreadyExists(path);
  await mkdir(dirname(path), { recursive: true });
  const tempPath = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  const discard = (): Promise<void> => rm(tempPath, { force: true });
  return {
    tempPath,
    discard,
    commit: async () => {
      await linkOrCopy(tempPath, path).catch((error: unknown) => {
        throw hasCode(error, "EEXIST") ? alreadyExists(path) : error;
      });
      await discard();
    },
  };
}

function alreadyExists(path: string): FlowError {
  return new FlowError(
    "CONFIG_INVALID",
    `${path} already exists; remove it or choose another name`,
  );
}
