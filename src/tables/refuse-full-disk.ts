import { statfs } from "node:fs/promises";
import { FlowError } from "../base/errors.ts";

/** Space that is not to be filled up, bytes: manifests, logs and what else runs on the machine. */
const spareBytes = 200 * 1024 * 1024;

/**
 * Stops work that its disk has no room for before it begins.
 *
 * @param folder - An existing folder on the disk
 * @param what - What needs the space, as the subject of a sentence
 * @throws `OUTPUT_FAILED` naming the bytes needed and free
 */
export async function refuseFullDisk(
  folder: string,
  neededBytes: number,
  what: string,
): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  if (freeBytes >= neededBytes + spareBytes) return;
  throw new FlowError(
    "OUTPUT_FAILED",
    `${folder}: ${what} needs about ${gigabytes(neededBytes + spareBytes)} of disk, of which ${gigabytes(freeBytes)} are free. ` +
      "Free some space, choose another folder with --out, or use less data.",
  );
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB (${Math.round(bytes).toLocaleString("en")} bytes)`;
}
