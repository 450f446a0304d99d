import { describe, expect, test } from "vitest";
import { loadedEvents, loadedRejects, loadSource } from "../../../util/load-source.ts";
import { useMemoryDatabase } from "../../../util/memory-database.ts";
import { parquetFile } from "../../../util/source-files.ts";

const memory = useMemoryDatabase();

const columns = { user: "u", item: "i", time: "t", rating: "r" };

/** Settings of Parquet files, each of one query's rows. */
async function partsOf(...queries: readonly string[]) {
  const interactions: string[] = [];
  for (const [k, sql] of queries.entries()) {
    interactions.push(await parquetFile(memory, `part-${k}.parquet`, sql));
  }
  return { source: "parquet", interactions, columns };
}

describe("numbers that 32 bits have rounded", () => {
  test.each([
    ["seconds", "1700000077", {}, "1700000128 to multiples of 128"],
    ["milliseconds", "1700000077000", {}, "1700000038912 to multiples of 131072"],
    ["seconds, said so", "1700000077", { timeUnit: "s" }, "1700000128 to multiples of 128"],
    ["dates as numbers", "20231113", {}, "20231112 to multiples of 2"],
    ["days with hours", "45244.3", { timeUnit: "excel" }, "45244.30078125 to multiples of 1/256"],
  ])("times are refused: %s", async (_, time, given, rounded) => {
    const settings = await partsOf(
      `select i as u, i, ${time}::float as t, 4 as r from range(1, 9) as e(i)`,
    );
    const attempt = loadSource(memory, { ...settings, columns: { ...columns, ...given } });
    await expect(attempt).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message:
        `dataset.columns.time: column t of ${settings.interactions[0] ?? ""} is FLOAT (32 bits), which rounds times such as ` +
        `${rounded}; cast it to BIGINT or DOUBLE where the file is written, before it becomes FLOAT`,
    });
  });

  test("times of one part are refused, whatever the others are", async () => {
    const row = "1 as u, 1 as i, 4 as r";
    const settings = await partsOf(
      `select ${row}, 1700000077 as t`,
      `select ${row}, 1700000077::float as t`,
    );
    await expect(loadSource(memory, settings)).rejects.toThrow(
      /column t of \S+part-1\.parquet is FLOAT/,
    );
  });

  test.each(["float", "integer", "usmallint"])("days that %s holds are read", async (type) => {
    const settings = await partsOf(
      `select 1 as u, 1 as i, 45244::${type} as t, 4 as r union all select 2, 1, null, 4`,
    );
    await loadSource(memory, {
      ...{ ...settings, columns: { ...columns, timeUnit: "excel" } },
      ...{ onBadRow: "skip", maxBadShare: 1 },
    });
    expect((await loadedEvents(memory)).map(([, , , ts]) => ts)).toEqual([
      "2023-11-14T00:00:00.000Z",
    ]);
  });

  test.each([
    ["float", 24, 16777217],
    ["double", 53, "9007199254740993"],
  ])("ids of a part of %s beside texts are bad rows", async (type, bits, id) => {
    const settings = await partsOf(
      "select 'a' as u, 1 as i, 1700000000 as t, 4 as r",
      `select u, 1 as i, 1700000001 as t, 4 as r from (values (7::${type}), (${id}), (1.5), ('nan')) as e(u)`,
    );
    await loadSource(memory, { ...settings, onBadRow: "skip", maxBadShare: 1 });
    expect((await loadedRejects(memory)).map(([line, reason]) => [line, reason])).toEqual([
      [2, `column u is not a whole number below 2^${bits}`],
      [3, `column u is not a whole number below 2^${bits}`],
      [4, "the user id is missing"],
    ]);
    const ids = await memory.db.rows("select source_id from user_dictionary order by 1");
    expect(ids.map(({ source_id }) => source_id)).toEqual(["7", "a"]);
  });

  test.each(["integer", "dictionary"])("ids of float columns are bad rows: %s", async (ids) => {
    const settings = await partsOf(
      "select u, 1 as i, 1700000000 as t, 4 as r from (values (16777215::float), (16777217)) as e(u)",
    );
    await loadSource(memory, { ...settings, ids, onBadRow: "skip", maxBadShare: 1 });
    expect((await loadedRejects(memory)).map(([line]) => line)).toEqual([2]);
  });
});
