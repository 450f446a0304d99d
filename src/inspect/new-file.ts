import { randomUUID } from "node:crypto";
import { access, constants, copyFile, link, mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { FlowError } from "../base/errors.ts";
import { hasCode } from "../base/durable-file.ts";

/** A file to be: written under a name of its own, and given the name asked for when it is whole. */
export interface NewFile {
  /** Where to write; beside the file. */
  readonly attempt: string;
  /** @throws `CONFIG_INVALID` when somebody else has made the file by now */
  readonly commit: () => Promise<void>;
  /** Removes what was written, if anything. Does nothing after a commit. */
  readonly discard: () => Promise<void>;
}

/**
 * Prepares a file that must not be there yet. Its folder is made.
 *
 * @param path - Absolute
 * @throws `CONFIG_INVALID` when there is something of that name
 */
export async function newFile(path: string): Promise<NewFile> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere) throw exists(path);
  await mkdir(dirname(path), { recursive: true });
  const attempt = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  const discard = (): Promise<void> => rm(attempt, { force: true });
  return {
    attempt,
    discard,
    commit: async () => {
      await nameOnce(attempt, path).catch((error: unknown) => {
        throw hasCode(error, "EEXIST") ? exists(path) : error;
      });
      await discard();
    },
  };
}

/** Unlike a rename, neither way replaces a file. Some file systems know no links. */
async function nameOnce(attempt: string, path: string): Promise<void> {
  await link(attempt, path).catch(async (error: unknown) => {
    if (hasCode(error, "EEXIST")) throw error;
    await copyFile(attempt, path, constants.COPYFILE_EXCL);
  });
}

function exists(path: string): FlowError {
  return new FlowError(
    "CONFIG_INVALID",
    `${path}: there is such a file already; remove it or name another`,
  );
}
