import { constants, copyFile, link } from "node:fs/promises";
import { hasCode } from "./durable-file.ts";

/** What link(2) fails with where a file system has no hard links: FAT, exFAT, many network and FUSE ones. */
const noLinks = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV", "EACCES"];

/**
 * Gives a whole file a second name that must not exist. Where the file system has no hard links, a copy is created under that name: as
 * exclusive, but for a moment, or after a crash in that moment, it may be torn.
 *
 * @param makeLink - For tests. Default: link(2)
 * @throws the system's error, `EEXIST` when the name exists
 */
export async function linkOrCopy(
  path: string,
  name: string,
  makeLink: (path: string, name: string) => Promise<void> = link,
): Promise<void> {
  try {
    await makeLink(path, name);
  } catch (error) {
    if (!noLinks.some((code) => hasCode(error, code))) throw error;
    await copyFile(path, name, constants.COPYFILE_EXCL);
  }
}
