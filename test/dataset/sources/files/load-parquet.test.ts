import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { quote } from "../../../../src/tables/quote.ts";
import { makeFolder } from "../../../util/hand-made-task.ts";
import {
  loadedCounts,
  loadedEvents,
  loadedRejects,
  loadSource,
} from "../../../util/load-source.ts";
import { useMemoryDatabase } from "../../../util/memory-database.ts";
import { columns, inputFiles } from "./load-files.fixture.ts";

const memory = useMemoryDatabase();
const { parquet } = inputFiles(memory);

describe("loadFiles: Parquet", () => {
  const events =
    "values (7, 10, timestamp '2020-01-01 00:00:01', 4.5), (7, 20, timestamp '2020-01-01 00:00:02', 1)";

  test("integer ids are left where they are: a view over the files, rows numbered file by file", async () => {
    const paths = [
      await parquet("b.parquet", `select * from (${events}) as e(u, i, t, r)`),
      await parquet("a.parquet", `select u + 1 as u, i, t, r from (${events}) as e(u, i, t, r)`),
    ];
    const source = await loadSource(memory, { source: "parquet", interactions: paths, columns });
    expect(source).toMatchObject({ rows: 4, isUnordered: false });
    expect(Object.keys(source.tables ?? {})).toEqual(["rejects", "ingest_counts"]);
    expect(await loadedEvents(memory)).toEqual([
      [7, 10, 4.5, "2020-01-01T00:00:01.000Z"],
      [7, 20, 1, "2020-01-01T00:00:02.000Z"],
      [8, 10, 4.5, "2020-01-01T00:00:01.000Z"],
      [8, 20, 1, "2020-01-01T00:00:02.000Z"],
    ]);
    const rows = await memory.db.rows("select file_row from source_interactions order by 1");
    expect(rows.map(({ file_row }) => file_row)).toEqual([0, 1, 2 ** 40, 2 ** 40 + 1]);
    expect(await loadedCounts(memory)).toEqual([
      ["read", "", 4],
      ["kept", "", 4],
    ]);
    const types = await memory.db.rows("describe source_interactions");
    expect(types.map(({ column_name, column_type }) => [column_name, column_type])).toEqual([
      ["user_id", "INTEGER"],
      ["item_id", "INTEGER"],
      ["rating", "DOUBLE"],
      ["ts", "TIMESTAMP"],
      ["file_row", "BIGINT"],
    ]);
  });

  test("a hive-partitioned folder: a partition's value is a column like others", async () => {
    const folder = join(await makeFolder(join(memory.dir, "in"), {}), "log");
    await memory.db.run(
      `copy (select *, cast(t as date) as day from (${events}) as e(u, i, t, r) union all select 8, 30, timestamp '2020-01-02', 2, date '2020-01-02') ` +
        `to ${quote(folder)} (format parquet, partition_by (day))`,
    );
    await loadSource(memory, {
      ...{ source: "parquet", interactions: folder },
      columns: { ...columns, time: "day" },
    });
    expect(await loadedEvents(memory)).toEqual([
      [7, 10, 4.5, "2020-01-01T00:00:00.000Z"],
      [7, 20, 1, "2020-01-01T00:00:00.000Z"],
      [8, 30, 2, "2020-01-02T00:00:00.000Z"],
    ]);
  });

  test("rows that are no interactions are told by file and row, and counted", async () => {
    const path = await parquet(
      "bad.parquet",
      `select * from (values (1, 10, 1577836800, 4.0), (-3, 10, 1577836800, 4), (1, 10, 1577836801, 'inf'::double),
        (1, null, 1577836802, 4), (1, 10, 4102444800, 4)) as e(u, i, t, r)`,
    );
    const settings = { source: "parquet", interactions: path, columns, ids: "integer" };
    await expect(loadSource(memory, settings)).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message:
        "4 of 5 rows are bad:\n" +
        "  1 x the item id is missing\n" +
        "  1 x the rating is not a finite number below 2^53\n" +
        "  1 x the time lies in the future\n" +
        "  1 x the user id is not an integer from 1 to 2147483647\n" +
        "The first:\n" +
        `  ${path}: line 2: the user id is not an integer from 1 to 2147483647: -3 | 10 | 1577836800 | 4.0\n` +
        `  ${path}: line 3: the rating is not a finite number below 2^53: 1 | 10 | 1577836801 | inf\n` +
        `  ${path}: line 4: the item id is missing: 1 | 1577836802 | 4.0\n` +
        "Fix or remove them, or skip them with --set dataset.onBadRow=skip; the table rejects then lists them all.\n" +
        "Ids of any form are kept with --set dataset.ids=dictionary.",
    });
    await expect(loadSource(memory, { ...settings, onBadRow: "skip" })).rejects.toThrow(
      "dataset.maxBadShare and dataset.maxBadRows allow at most 0; check dataset.columns first.",
    );
    await loadSource(memory, { ...settings, onBadRow: "skip", maxBadShare: 1 });
    expect(await loadedEvents(memory)).toEqual([[1, 10, 4, "2020-01-01T00:00:00.000Z"]]);
    expect((await loadedRejects(memory)).map(([line]) => line)).toEqual([2, 3, 4, 5]);
    expect(await loadedCounts(memory)).toHaveLength(6);
  });

  test("a column that there is not is told with those there are", async () => {
    const path = await parquet("p.parquet", "select 1 as user, 2 as i, 3 as t, 4 as r");
    const attempt = loadSource(memory, { source: "parquet", interactions: path, columns });
    await expect(attempt).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: `dataset.columns.user: ${path} has no column u, only user, i, t, r`,
    });
  });
});
