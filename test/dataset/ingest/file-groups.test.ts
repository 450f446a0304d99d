import { describe, expect, test } from "vitest";
import { bucketsOfFiles, fileGroups } from "../../../src/dataset/ingest/fan-out/file-groups.ts";
import type { SourceFile } from "../../../src/dataset/sources/files/find-files.ts";

const MB = 1_000_000;

const filesOf = (...megabytes: readonly (number | null)[]): readonly SourceFile[] =>
  megabytes.map((size, k) => ({
    ...{ path: `/log/${k}.csv`, format: "csv", changedMs: 0 },
    bytes: size === null ? null : size * MB,
  }));

const cuts = (...given: Parameters<typeof fileGroups>): readonly string[] =>
  fileGroups(...given).map(({ from, to }) => `${from}-${to}`);

describe("fileGroups", () => {
  test("auto closes a group at 500 MB", () => {
    expect(cuts(filesOf(200, 200, 200, 450, 100, 10), "auto", 4)).toEqual(["0-3", "3-5", "5-6"]);
    expect(cuts(filesOf(100, 200), "auto", 4)).toEqual(["0-2"]);
    expect(cuts(filesOf(3000), "auto", 4)).toEqual(["0-1"]);
  });

  test("auto counts Parquet two and a half times, and gzipped text four times", () => {
    const parquet = filesOf(150, 50, 10).map((file) => ({ ...file, format: "parquet" as const }));
    expect(cuts(parquet, "auto", 4)).toEqual(["0-2", "2-3"]);
    const packed = filesOf(100, 25, 10).map((file) => ({ ...file, path: `${file.path}.gz` }));
    expect(cuts(packed, "auto", 4)).toEqual(["0-2", "2-3"]);
  });

  test("auto keeps the groups before files that are added at the end", () => {
    const files = filesOf(300, 300, 300, 300, 300);
    const grown = filesOf(300, 300, 300, 300, 300, 300, 300);
    expect(cuts(grown, "auto", 4).slice(0, 2)).toEqual(cuts(files, "auto", 4).slice(0, 2));
  });

  test("a number of tasks cuts by bytes, never more often than that", () => {
    expect(cuts(filesOf(1, 1, 1, 1, 1, 1), 3, 1)).toEqual(["0-2", "2-4", "4-6"]);
    expect(cuts(filesOf(1, 9, 1, 1), 2, 1)).toEqual(["0-2", "2-4"]);
    expect(cuts(filesOf(9, 10, 10), 3, 1)).toEqual(["0-1", "1-2", "2-3"]);
    expect(cuts(filesOf(1, 1, 1), 9, 1)).toEqual(["0-1", "1-2", "2-3"]);
  });

  test("URLs, whose sizes are not known, are counted where a number is given", () => {
    expect(cuts(filesOf(null, null, null, null), "auto", 1)).toEqual(["0-4"]);
    expect(cuts(filesOf(null, null, null, null), 2, 1)).toEqual(["0-2", "2-4"]);
  });

  test("groups times buckets stay within 20,000 parts", () => {
    const files = filesOf(...Array.from({ length: 100 }, () => 600));
    expect(fileGroups(files, "auto", 100)).toHaveLength(100);
    expect(fileGroups(files, "auto", 1000)).toHaveLength(20);
    expect(fileGroups(files, 80, 4096).length).toBeLessThanOrEqual(4);
  });
});

describe("bucketsOfFiles", () => {
  test("are a power of two by the rows that the bytes suggest", () => {
    expect(bucketsOfFiles(filesOf(10))).toBe(1);
    expect(bucketsOfFiles(filesOf(1000, 1000))).toBe(16);
    expect(bucketsOfFiles(filesOf(1100, 1000))).toBe(16);
    expect(bucketsOfFiles(filesOf(10_000_000))).toBe(4096);
  });

  test("count a gzipped text as unpacked", () => {
    const packed = filesOf(1000).map((file) => ({ ...file, path: "/log/0.csv.gz" }));
    expect(bucketsOfFiles(packed)).toBe(32);
  });
});
