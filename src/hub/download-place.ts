/** @file The place of a download: anything there that is not ours is refused, never used or removed. */
import { lstat, readdir } from "node:fs/promises";
import { FlowError } from "../base/errors.ts";
import { nullIfMissing } from "../base/files/durable-file.ts";
import { isRealFolder } from "../base/files/own-names.ts";

/** What belongs in a place. */
export interface WantedFolder {
  readonly isWanted: (folder: string) => Promise<boolean>;
  /** What the wanted folder is called, such as "a complete encoder". */
  readonly name: string;
  /** How to choose another place. */
  readonly cure: string;
}

/**
 * Whether a place holds what is wanted there; false when there is nothing, or an empty folder.
 *
 * @param folder - Absolute
 * @throws FlowError `OUTPUT_FAILED` naming what is in the way when it holds anything else
 */
export async function isTakenBy(
  folder: string,
  { isWanted, name, cure }: WantedFolder,
): Promise<boolean> {
  const inTheWay = (what: string): FlowError =>
    new FlowError(
      "OUTPUT_FAILED",
      `${folder} is in the way: ${what}, and is not ${name}. Nothing in it was changed. Move it away, or choose another ${cure}`,
    );
  if ((await lstat(folder).catch(nullIfMissing)) === null) return false;
  if (await isWanted(folder)) return true;
  if (!(await isRealFolder(folder))) throw inTheWay("it is a file or a link");
  const names = await readdir(folder);
  if (names.length === 0) return false;
  const more = names.length > 5 ? ` and ${String(names.length - 5)} more` : "";
  throw inTheWay(`it holds ${names.sort().slice(0, 5).join(", ")}${more}`);
}
