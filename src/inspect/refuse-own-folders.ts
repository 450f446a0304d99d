import { realpath } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { FlowError } from "../base/errors.ts";

/**
 * Refuses to write a file into a folder that a run keeps its own files in, where a later run would take it for one of them. Links are
 * followed.
 *
 * @param runDir - Absolute
 * @param path - Absolute
 * @throws `CONFIG_INVALID`
 */
export async function refuseOwnFolders(runDir: string, path: string): Promise<void> {
  const inside = relative(await realpath(runDir), await realFolder(dirname(path)));
  if (inside === "" || inside === ".." || inside.startsWith(`..${sep}`)) return;
  throw new FlowError(
    "CONFIG_INVALID",
    `${path} is in ${join(runDir, inside)}, where the run keeps its own files; choose a place outside the run folder`,
  );
}

/**
 * Refuses to write a file into a run folder at all. Links are followed.
 *
 * @param runDir - Absolute
 * @param path - Absolute
 * @throws `CONFIG_INVALID`
 */
export async function refuseRunFolder(runDir: string, path: string): Promise<void> {
  const inside = relative(await realpath(runDir), await realFolder(dirname(path)));
  if (inside === ".." || inside.startsWith(`..${sep}`)) return;
  throw new FlowError(
    "CONFIG_INVALID",
    `${path} is in the run folder ${runDir}, which is only read here; choose a place outside of it`,
  );
}

/** A folder without links in its path, as far as it exists. */
async function realFolder(folder: string): Promise<string> {
  return realpath(folder).catch(async () =>
    dirname(folder) === folder
      ? folder
      : join(await realFolder(dirname(folder)), relative(dirname(folder), folder)),
  );
}
