import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  openTableFile,
  requireWritable,
  writeTableFile,
} from "../../src/tables/files/table-file.ts";
import { leaveAbandoned } from "../util/abandoned-folder.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

describe("openTableFile", () => {
  const csv = "id,text\n1,one\n2,two\n";
  test.each([
    ["a.csv", csv],
    ["a.tsv", csv.replaceAll(",", "\t")],
    ["a.CSV.gz", gzipSync(csv)],
    ["a.json", '[{"id": 1, "text": "one"}, {"id": 2, "text": "two"}]'],
    ["a.jsonl", '{"id": 1, "text": "one"}\n{"id": 2, "text": "two"}\n'],
    ["a.ndjson.gz", gzipSync('{"id": 1, "text": "one"}\n{"id": 2, "text": "two"}\n')],
  ])("reads %s", async (name, content) => {
    const path = join(memory.dir, name);
    await writeFile(path, content);
    const { source, columns } = await openTableFile(memory.db, path);
    expect(columns).toEqual([
      { name: "id", type: "BIGINT" },
      { name: "text", type: "VARCHAR" },
    ]);
    const rows = await memory.db.rows(`select * from ${source} order by id`);
    expect(rows).toEqual([
      { id: 1, text: "one" },
      { id: 2, text: "two" },
    ]);
  });

  test("reads what writeTableFile wrote, quotes in the name or not", async () => {
    const path = join(memory.dir, "it's.parquet");
    expect(await writeTableFile(memory.db, "select 1 as id, [2, 3] as list", path)).toBe(1);
    const { source } = await openTableFile(memory.db, path);
    expect(await memory.db.rows(`select * from ${source}`)).toEqual([{ id: 1, list: [2, 3] }]);
  });

  test("names the file and what is wrong with it", async () => {
    const fault = (name: string) => openTableFile(memory.db, join(memory.dir, name));
    await expect(fault("a.xlsx")).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringMatching(
        /a\.xlsx: expected a name ending in \.parquet, \.csv/,
      ) as string,
    });
    await expect(fault("gone.csv")).rejects.toThrow(/gone\.csv cannot be read: ENOENT/);
    await writeFile(join(memory.dir, "broken.parquet"), "no parquet");
    await expect(fault("broken.parquet")).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringMatching(/broken\.parquet cannot be read: it is cut off/) as string,
    });
  });
});

describe("writeTableFile", () => {
  test("writes CSV with a header, and makes the folder", async () => {
    const path = join(memory.dir, "made", "out.csv");
    const select = "select * from (values (1, 'a,b'), (2, null)) as t (id, text) order by id";
    expect(await writeTableFile(memory.db, select, path)).toBe(2);
    expect(await readFile(path, "utf8")).toBe('id,text\n1,"a,b"\n2,\n');
  });

  test("leaves the old file as it was, and nothing half-written, when the query fails", async () => {
    const path = join(memory.dir, "out.csv");
    await writeFile(path, "old");
    const failing = "select error('no') as x from range(10)";
    await expect(writeTableFile(memory.db, failing, path)).rejects.toMatchObject({
      code: "OUTPUT_FAILED",
      message: expect.stringContaining("out.csv: cannot be written (") as string,
    });
    expect(await readFile(path, "utf8")).toBe("old");
    const left = (await readdir(memory.dir)).filter((name) => /^out|^r4ec-/.test(name));
    expect(left).toEqual(["out.csv"]);
  });

  test("deletes what a killed process left where it writes", async () => {
    const folder = join(memory.dir, "killed");
    await leaveAbandoned(folder, "r4ec-export-killed");
    await writeTableFile(memory.db, "select 1 as id", join(folder, "out.parquet"));
    expect(await readdir(folder)).toEqual(["out.parquet"]);
  });

  test("requireWritable takes .parquet and .csv", () => {
    requireWritable("a.parquet");
    requireWritable("b.CSV");
    expect(() => {
      requireWritable("c.json");
    }).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
    requireWritable("b.csv", { isForSpreadsheets: true });
    expect(() => {
      requireWritable("a.parquet", { isForSpreadsheets: true });
    }).toThrow("--safe-for-spreadsheets is for CSV: give --out a name ending in .csv instead of a");
  });
});
