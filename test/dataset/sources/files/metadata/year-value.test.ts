import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { yearValue } from "../../../../../src/dataset/sources/files/metadata/year-value.ts";
import { makeFolder } from "../../../../util/hand-made-task.ts";
import { loadSource } from "../../../../util/load-source.ts";
import { useMemoryDatabase } from "../../../../util/memory-database.ts";

const memory = useMemoryDatabase();

async function yearOf(sql: string): Promise<unknown> {
  const [row] = await memory.db.rows(`select ${yearValue("c")} as year from (select ${sql} as c)`);
  return row?.["year"];
}

describe("yearValue", () => {
  test.each([
    ["1987", 1987],
    [" 1987.0 ", 1987],
    ["1987-12", 1987],
    ["1987-12-24", 1987],
    ["24.12.1987", 1987],
    ["Dec 24, 1987", 1987],
    ["Thu Dec 24 10:00:00 +0000 1987", 1987],
    ["19871224", 1987],
    ["19871224T101500Z", 1987],
    ["198712", 1987],
    ["(1987)", 1987],
    ["c1987", 1987],
    ["1987–1991", 1987],
    ["1980s", 1980],
    ["first printed 1066", 1066],
  ])("%s is of %d", async (text, year) => {
    expect(await yearOf(`'${text}'::varchar`)).toBe(year);
  });

  test.each([
    "567000000", // seconds
    "567000000.25",
    "567000000000", // milliseconds
    "5.67e11",
    "1.1987e9",
    "5.1987",
    "2147483647",
    "19871399",
    "12345",
    "0",
    "9999",
    "87",
    "-1987",
    "1,987",
    "soon",
    "NaN",
    "",
  ])("%j is no year", async (text) => {
    expect(await yearOf(`'${text}'::varchar`)).toBeNull();
  });

  test.each([
    ["1987::smallint", 1987],
    ["1987::double", 1987],
    ["567000000::bigint", null],
    ["567000000000::double", null],
    ["date '1987-12-24'", 1987],
    ["timestamptz '1987-12-24 10:00:00+00'", 1987],
    ["null::integer", null],
  ])("%s", async (sql, year) => {
    expect(await yearOf(sql)).toBe(year);
  });
});

describe("the year of an item file", () => {
  const load = async (...released: readonly string[]): Promise<unknown> => {
    const lines = released.map((value, k) => `${k + 1},T,${value}`);
    const dir = await makeFolder(join(memory.dir, "in"), {
      "log.csv": "user_id,item_id,ts,rating\n5,1,1700000000,4\n",
      "items.csv": `${["item_id,title,released", ...lines].join("\n")}\n`,
    });
    return loadSource(memory, {
      ...{ source: "csv", interactions: join(dir, "log.csv"), columns: { rating: "rating" } },
      items: { path: join(dir, "items.csv"), year: "released" },
    });
  };

  test("a column without a single year is refused with its first value", async () => {
    await expect(load("567000000", "577000000")).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message:
        `dataset.items.year: no value of column released in ${join(memory.dir, "in", "items.csv")} is a year from 1000 to 2100 or a date, such as 567000000; ` +
        "name another column, write dates such as 1999-12-31, or leave the setting out",
    });
  });

  test("one without values, or with some years, is read", async () => {
    await load("", "");
    await load("567000000", "1987");
    expect(await memory.db.rows("select year from catalogue order by item_id")).toEqual([
      { year: null },
      { year: 1987 },
    ]);
  });
});
