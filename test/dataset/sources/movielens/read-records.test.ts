import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  openMetadata,
  readRatings,
} from "../../../../src/dataset/sources/movielens/read-records.ts";
import { wholeLines } from "../../../../src/dataset/sources/movielens/text-layout.ts";
import type { SourceSite } from "../../../../src/dataset/sources/source.ts";
import { makeFolder } from "../../../util/hand-made-task.ts";
import { useMemoryDatabase } from "../../../util/memory-database.ts";

const memory = useMemoryDatabase();

async function site(): Promise<SourceSite> {
  const tempDir = await makeFolder(join(memory.dir, "staged"), {});
  return { tempDir, signal: AbortSignal.timeout(600_000) };
}

async function file(name: string, content: string | Uint8Array): Promise<string> {
  return join(await makeFolder(join(memory.dir, "in"), { [name]: content }), name);
}

describe("readRatings", () => {
  const form = { delimiter: "::", width: 4 };
  const text = "1::10::4::5\n2::20::3::6\n";

  /** Reads with a reader that fails or miscounts at first; returns the lines of each attempt. */
  async function attempts(first: () => number | Promise<number>): Promise<readonly unknown[]> {
    const path = await file("ratings.dat", text);
    const seen: unknown[] = [];
    await readRatings(memory.db, path, form, await site(), async (records) => {
      const rows = await memory.db.rows(`select line, c0 from (${records})`);
      seen.push(rows.map(({ line, c0 }) => [line, c0]));
      return seen.length === 1 ? first() : rows.length;
    });
    return seen;
  }

  test("reads a plain file once", async () => {
    expect(await attempts(() => 2)).toEqual([
      [
        [null, "1"],
        [null, "2"],
      ],
    ]);
  });

  test.each([
    ["finds more records than lines", () => 3],
    ["fails", () => memory.db.rows("select error('no')").then(() => 0)],
  ])("reads it again record by record where the reader %s", async (_, first) => {
    const [, second] = await attempts(first);
    expect(second).toEqual([
      [1, "1"],
      [2, "2"],
    ]);
  });

  test("passes other errors on", async () => {
    const attempt = attempts(() => Promise.reject(new RangeError("other")));
    await expect(attempt).rejects.toThrow("other");
  });
});

describe("the encoding of items", () => {
  const utf8 = (text: string): Buffer => Buffer.from(`${text}\n`);
  const latin1 = (text: string): Buffer => Buffer.from(`${text}\n`, "latin1");
  const plain = utf8("Plain");

  async function titles(name: string, content: Uint8Array): Promise<readonly unknown[]> {
    const path = await file(name, content);
    const sql = await openMetadata(memory.db, path, wholeLines, "items", await site());
    const rows = await memory.db.rows(`select c0, fault from (${sql})`);
    return rows.map(({ c0, fault }) => fault ?? c0);
  }

  const bad = "the line is not valid UTF-8";
  test.each([
    ["UTF-8", [plain, utf8("Dětství"), utf8("Été")], ["Plain", "Dětství", "Été"]],
    ["latin-1", [plain, latin1("Été"), latin1("Año")], ["Plain", "Été", "Año"]],
    [
      "a damaged line among UTF-8",
      [utf8("Dětství"), latin1("Été"), utf8("Œuf")],
      ["Dětství", bad, "Œuf"],
    ],
    ["as many of both", [utf8("Été"), latin1("Año")], ["Été", bad]],
    [
      "a line of UTF-8 among latin-1",
      [latin1("Été"), utf8("Dětství"), latin1("Año")],
      ["Été", "Dětství", "Año"],
    ],
  ])("%s", async (_, lines, expected) => {
    expect(await titles("movies.dat", Buffer.concat(lines))).toEqual(expected);
    expect(await titles("movies.csv.gz", gzipSync(Buffer.concat(lines)))).toEqual(expected);
  });
});
