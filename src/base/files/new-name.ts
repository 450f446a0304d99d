/** @file Gives complete files names that must not exist yet, also where the file system has no hard links. */
import { constants, copyFile, link, lstat, rename } from "node:fs/promises";
import { hasCode, nullIfMissing } from "./durable-file.ts";

/** What link(2) fails with where a file system has no hard links: FAT, exFAT, many network and FUSE ones. */
const noLinks = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV", "EACCES"];

/** link(2), or what stands for it in tests. */
export type MakeLink = (path: string, name: string) => Promise<void>;

/**
 * Gives a complete file a name that must not exist. Under that name it is always complete, even after a crash. Where the file system has
 * no hard links, the file is renamed after a check: if two take the name in the same instant, the later one replaces the other, so
 * callers must hold a lock or accept that risk.
 *
 * @param path - May be gone afterwards
 * @throws the system's error, `EEXIST` when the name exists
 */
export async function linkOrRename(
  path: string,
  name: string,
  makeLink: MakeLink = link,
): Promise<void> {
  await linkOr(makeLink, path, name, async () => {
    if ((await lstat(name).catch(nullIfMissing)) !== null) {
      throw Object.assign(new Error(`EEXIST: file already exists, rename '${path}' -> '${name}'`), {
        code: "EEXIST",
      });
    }
    await rename(path, name);
  });
}

/**
 * Gives a complete file a second name that must not exist: of all that try, one wins. Where the file system has no hard links, a copy is
 * created under that name; for a moment, or after a crash in that moment, it is incomplete, which readers must expect.
 *
 * @throws the system's error, `EEXIST` when the name exists
 */
export async function linkOrCopy(
  path: string,
  name: string,
  makeLink: MakeLink = link,
): Promise<void> {
  await linkOr(makeLink, path, name, () => copyFile(path, name, constants.COPYFILE_EXCL));
}

async function linkOr(
  makeLink: MakeLink,
  path: string,
  name: string,
  otherwise: () => Promise<void>,
): Promise<void> {
  try {
    await makeLink(path, name);
  } catch (error) {
    if (!noLinks.some((code) => hasCode(error, code))) throw error;
    await otherwise();
  }
}
