import type { FileFormat, SourceFile } from "../../sources/files/find-files.ts";
import { bucketRows } from "../bucket-rows.ts";

/** Neighbouring files that one task reads: those from index `from` up to, but without, `to`. */
export interface FileGroup {
  readonly from: number;
  readonly to: number;
}

/** Bytes of a group where the settings leave it open, as text. */
const groupBytes = 500_000_000;

/** Most parts of a table: one per group and bucket. */
const mostParts = 20_000;

/** Bytes of a row, roughly: less than in most logs, so that buckets become rather small. */
const rowBytes: Readonly<Record<FileFormat, number>> = { parquet: 8, csv: 25, json: 120 };

/** Bytes of text that take as long to read as a byte of a file. */
const textBytes: Readonly<Record<FileFormat, number>> = { parquet: 2.5, csv: 1, json: 1 };

/** How much a gzipped text is larger unpacked, roughly. */
const packing = 4;

const mostBuckets = 4096;

/**
 * Number of buckets for files, by their sizes: a power of two, so that it seldom changes when files are added.
 */
export function bucketsOfFiles(files: readonly SourceFile[]): number {
  const rows = files.reduce((sum, file) => sum + unpackedBytes(file) / rowBytes[file.format], 0);
  return Math.min(mostBuckets, 2 ** Math.max(0, Math.round(Math.log2(rows / bucketRows))));
}

/**
 * Cuts files into groups that take about as long to read. With `auto`, adding files at the end leaves all groups but the last as they are.
 *
 * @param tasks - Most groups; auto: one for every 500 MB of text begun, unpacked, or 200 MB of Parquet
 * @returns At least one; URLs, whose sizes are not known, make one group unless a number is given
 */
export function fileGroups(
  files: readonly SourceFile[],
  tasks: number | "auto",
  buckets: number,
): readonly FileGroup[] {
  const isSized = files.every(({ bytes }) => bytes !== null);
  const sizes = files.map((file) => (isSized ? unpackedBytes(file) * textBytes[file.format] : 1));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const most = Math.max(1, Math.floor(mostParts / buckets));
  if (tasks !== "auto") return evenGroups(sizes, Math.min(tasks, most));
  return isSized ? filledGroups(sizes, Math.max(groupBytes, total / most)) : evenGroups(sizes, 1);
}

/** Groups that end as soon as they are large enough, whatever follows. */
function filledGroups(sizes: readonly number[], enough: number): readonly FileGroup[] {
  let bytes = 0;
  return cutAfter(sizes, (size) => {
    bytes += size;
    if (bytes < enough) return false;
    bytes = 0;
    return true;
  });
}

/** At most so many groups, cut where the bytes before come closest to even shares. */
function evenGroups(sizes: readonly number[], most: number): readonly FileGroup[] {
  const share = sizes.reduce((sum, size) => sum + size, 0) / most;
  let [bytes, ended] = [0, 0];
  return cutAfter(sizes, (size, index) => {
    bytes += size;
    if (ended === most - 1 || bytes + (sizes[index + 1] ?? 0) / 2 < share * (ended + 1))
      return false;
    ended++;
    return true;
  });
}

function cutAfter(
  sizes: readonly number[],
  isEnd: (size: number, index: number) => boolean,
): readonly FileGroup[] {
  const groups: FileGroup[] = [];
  let from = 0;
  for (const [index, size] of sizes.entries()) {
    if (!isEnd(size, index) && index < sizes.length - 1) continue;
    groups.push({ from, to: index + 1 });
    from = index + 1;
  }
  return groups;
}

function unpackedBytes({ bytes, path }: SourceFile): number {
  return (bytes ?? 0) * (path.toLowerCase().endsWith(".gz") ? packing : 1);
}
