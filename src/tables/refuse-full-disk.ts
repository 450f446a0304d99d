import { statfs } from "node:fs/promises";
import { FlowError } from "../base/errors.ts";

/** Space kept free for manifests, logs and other programs, bytes. */
const spareBytes = 200 * 1024 * 1024;

/**
 * Refuses work that the disk has no room for, before it starts.
 *
 * @param folder - An existing folder on the disk
 * @param what - What needs the space: the subject of the error's sentence
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
