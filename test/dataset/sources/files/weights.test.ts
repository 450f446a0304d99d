import { describe, expect, test } from "vitest";
import { loadedRejects, loadSource } from "../../../util/load-source.ts";
import { useMemoryDatabase } from "../../../util/memory-database.ts";
import { columns, csv, inputFiles } from "./load-files.fixture.ts";

const memory = useMemoryDatabase();
const { file, parquet } = inputFiles(memory);

describe("loadFiles: weights", () => {
  const weighted = { ...columns, weight: "w" };
  const bad = "the weight is not a finite number of at least 0";

  /** Item and weight of the interactions, in file order. */
  async function weights(): Promise<readonly unknown[]> {
    const rows = await memory.db.rows("select * from source_interactions order by file_row");
    return rows.map(({ item_id, weight }) => [item_id, weight]);
  }

  test("a text: numbers of at least 0 are kept, anything else is a bad row that says so", async () => {
    const values = ["2.5", "0", "1e-3", "-1", "nan", "inf", "", "much", "1e39", "-0.0"];
    const rows = values.map((value, k) => `1,${k + 1},${1577836800 + k},4,${value}`);
    const path = await file("w.csv", ["u,i,t,r,w", ...rows, ""].join("\n"));
    const settings = { source: "csv", interactions: path, columns: weighted };
    await expect(loadSource(memory, settings)).rejects.toThrow(
      `6 of 10 rows are bad:\n  4 x ${bad}\n  2 x the weight is missing\n`,
    );
    await loadSource(memory, { ...settings, onBadRow: "skip", maxBadShare: 1 });
    expect(await loadedRejects(memory)).toEqual([
      [5, bad, "1 | 4 | 1577836803 | 4 | -1"],
      [6, "the weight is missing", "1 | 5 | 1577836804 | 4"],
      [7, bad, "1 | 6 | 1577836805 | 4 | inf"],
      [8, "the weight is missing", "1 | 7 | 1577836806 | 4"],
      [9, bad, "1 | 8 | 1577836807 | 4 | much"],
      [10, bad, "1 | 9 | 1577836808 | 4 | 1e39"],
    ]);
    expect(await weights()).toEqual([
      [1, 2.5],
      [2, 0],
      [3, Math.fround(1e-3)],
      [10, -0],
    ]);
  });

  test("Parquet: whole numbers, decimals and doubles, without a copy of the files", async () => {
    const bads = "('nan'::double), ('-inf'::double), (-0.5), (null)";
    const path = await parquet(
      "w.parquet",
      `select 1 as u, row_number() over () as i, timestamp '2020-01-01' + to_days(i::integer) as t, 4.0 as r, w
       from (values (3::double), (0), (0.5), ${bads}) as e(w)`,
    );
    const settings = { source: "parquet", interactions: path, columns: weighted };
    await loadSource(memory, { ...settings, onBadRow: "skip", maxBadShare: 1 });
    expect(await weights()).toEqual([
      [1, 3],
      [2, 0],
      [3, 0.5],
    ]);
    expect((await loadedRejects(memory)).map(([line, reason]) => [line, reason])).toEqual([
      [4, "the weight is missing"],
      [5, bad],
      [6, bad],
      [7, "the weight is missing"],
    ]);
    const types = await memory.db.rows("describe source_interactions");
    expect(types.map(({ column_name }) => column_name)).toEqual([
      ...["user_id", "item_id", "rating", "ts", "weight", "file_row"],
    ]);
    for (const type of ["utinyint", "decimal(4, 1)", "varchar"]) {
      const typed = await parquet(
        "typed.parquet",
        `select 1 as u, 1 as i, timestamp '2020-01-01' as t, 4.0 as r, 7::${type} as w`,
      );
      await loadSource(memory, { ...settings, interactions: typed });
      expect(await weights(), type).toEqual([[1, 7]]);
    }
  });

  test("JSON: a number, or a text that is one; null and no key are missing", async () => {
    const lines = ["1.5", '"2"', "null", "true"].map(
      (w, k) => `{"u":1,"i":${k + 1},"t":${1577836800 + k},"r":4,"w":${w}}`,
    );
    const path = await file("w.jsonl", `${lines.join("\n")}\n{"u":1,"i":5,"t":1577836805,"r":4}\n`);
    const settings = { source: "json", interactions: path, columns: weighted };
    await loadSource(memory, { ...settings, onBadRow: "skip", maxBadShare: 1 });
    expect(await weights()).toEqual([
      [1, 1.5],
      [2, 2],
    ]);
    expect((await loadedRejects(memory)).map(([line, reason]) => [line, reason])).toEqual([
      [3, "the weight is missing"],
      [4, bad],
      [5, "the weight is missing"],
    ]);
  });

  test.each([
    ["first", 1],
    ["last", 4],
    ["max", 3],
  ] as const)(
    "of an event told again, %s keeps the weight of the row that stays",
    async (duplicates, weight) => {
      const rows = ["a,x,1577836800,3,1", "a,x,1577836800,2,2", "a,x,1577836800,5,3"];
      const path = await file(
        "w.csv",
        ["u,i,t,r,w", ...rows, "a,x,1577836800,1,4", "b,x,1577836800,3,9", ""].join("\n"),
      );
      await loadSource(memory, {
        ...{ source: "csv", interactions: path, columns: weighted, duplicates },
        kCore: { items: 2 },
      });
      expect(await weights()).toEqual([
        [1, weight],
        [1, 9],
      ]);
    },
  );

  test("a column that there is not is told", async () => {
    const path = await file("w.csv", csv("1,10,1577836800,4"));
    const attempt = loadSource(memory, { source: "csv", interactions: path, columns: weighted });
    await expect(attempt).rejects.toThrow(
      `dataset.columns.weight: ${path} has no column w, only u, i, t, r`,
    );
  });
});
