import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { unlessFormula } from "../../src/tables/files/spreadsheet-text.ts";
import { writeTableFile } from "../../src/tables/files/table-file.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

/** Texts as they are and as a spreadsheet should get them. */
const texts: readonly (readonly [string, string])[] = [
  ["=1+1", "'=1+1"],
  ["+SUM(A1)", "'+SUM(A1)"],
  ["-2+3", "'-2+3"],
  ["@lookup", "'@lookup"],
  ["\t=1", "'\t=1"],
  ["\r=1", "'\r=1"],
  ["\n=1", "'\n=1"],
  ["-", "'-"],
  ["+49 30 12345", "'+49 30 12345"],
  ["-1.5.2", "'-1.5.2"],
  ["-1e", "'-1e"],
  ["-7", "-7"],
  ["+7.25", "+7.25"],
  ["-.5", "-.5"],
  ["-1e-7", "-1e-7"],
  ["a=b", "a=b"],
  ["'=1", "'=1"],
  ['"=1"', '"=1"'],
  ["-7\n=1", "'-7\n=1"],
  ["", ""],
];

describe("unlessFormula", () => {
  test.each(texts)("gives %j as %j", (text, safe) => {
    expect(unlessFormula(text)).toBe(safe);
  });
});

describe("writeTableFile for spreadsheets", () => {
  const write = async (sql: string, isForSpreadsheets: boolean): Promise<string> => {
    const path = join(memory.dir, "out.csv");
    await writeTableFile(memory.db, sql, path, { isForSpreadsheets });
    return readFile(path, "utf8");
  };

  test.each(texts)("writes %j as %j", async (text, safe) => {
    const sql = `select '${text.replaceAll("'", "''")}' as text`;
    const plain = (value: string): string => `select '${value.replaceAll("'", "''")}' as text`;
    expect(await write(sql, true)).toBe(await write(plain(safe), false));
  });

  test("leaves numbers, times, lists and missing values as they are, in their order", async () => {
    const sql = `select -i as n, -i::double / 0 as d, (-i)::decimal(9,2) as c, ['=1'] as list, date '2020-01-01' as day,
      null::varchar as none, '' as empty from range(1, 4) as t (i) order by i desc`;
    expect(await write(sql, true)).toBe(await write(sql, false));
  });

  test("takes the names of columns, intervals and enums for texts", async () => {
    const sql = `select 'x' as "=a", interval '-1' day as i, '-x'::enum ('-x') as e, '-y' as "b""@"`;
    expect(await write(sql, true)).toBe(`'=a,i,e,"b""@"\nx,'-1 day,'-x,'-y\n`);
  });

  test("leaves Parquet as it is", async () => {
    const path = join(memory.dir, "out.parquet");
    await writeTableFile(memory.db, "select '=1' as text", path, { isForSpreadsheets: true });
    expect(await memory.db.rows(`select text from '${path}'`)).toEqual([{ text: "=1" }]);
  });
});
