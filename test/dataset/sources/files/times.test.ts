import { describe, expect, test } from "vitest";
import {
  loadedCounts,
  loadedEvents,
  loadedRejects,
  loadSource,
} from "../../../util/load-source.ts";
import { useMemoryDatabase } from "../../../util/memory-database.ts";
import { parquetFile, textFile } from "../../../util/source-files.ts";

const memory = useMemoryDatabase();

const columns = { user: "u", item: "i", time: "t", rating: "r" };

/** Settings of a log of one user with these times. */
async function logOf(times: readonly string[], more: object = {}) {
  const rows = times.map((time, k) => `1,${k + 1},"${time}",5`);
  const interactions = await textFile(memory, "log.csv", ["u,i,t,r", ...rows]);
  return { source: "csv", interactions, columns: { ...columns, ...more } };
}

async function timesOf(settings: Readonly<Record<string, unknown>>): Promise<readonly unknown[]> {
  await loadSource(memory, settings);
  return (await loadedEvents(memory)).map(([, , , ts]) => ts);
}

const repeated = (text: string, count: number): readonly string[] =>
  Array.from({ length: count }, () => text);

describe("texts", () => {
  test.each([
    ["2021-05-04T03:02:01+05:45", "2021-05-03T21:17:01.000Z"],
    ["2021-05-04T03:02:01+0545", "2021-05-03T21:17:01.000Z"],
    ["2021-05-04 03:02:01 +05:45", "2021-05-03T21:17:01.000Z"],
    ["2021-05-04 03:02:01+05:45:00", "2021-05-03T21:17:01.000Z"],
    ["2021-05-04 03:02:01.250+05:45:30 ", "2021-05-03T21:16:31.250Z"],
    ["2021-05-04 03:02:01-03", "2021-05-04T06:02:01.000Z"],
    ["2021-05-04T03:02-03:00", "2021-05-04T06:02:00.000Z"],
    ["2021-05-04T03:02z", "2021-05-04T03:02:00.000Z"],
    ["2021-05-04 03:02:01 UTC", "2021-05-04T03:02:01.000Z"],
    ["2021-05-04 03:02:01 GMT", "2021-05-04T03:02:01.000Z"],
    ["2021/5/4 3:02", "2021-05-04T03:02:00.000Z"],
    [" 2021-05-04 ", "2021-05-04T00:00:00.000Z"],
  ])("%s is read with its offset", async (text, expected) => {
    expect(await timesOf(await logOf([text]))).toEqual([expected]);
  });

  test.each([
    "2021-05-04 03:02:01 Europe/Prague",
    "2021-05-04 03:02:01 CET",
    "2021-05-04 03:02:01+99:00",
    "2021-05-04 03:02:01+05:75",
    "2021-05-04+02:00",
    "2021-05-04 03:02:01 (BC)",
    "20210504T030201Z",
    "04.05.2021",
    "epoch",
    "infinity",
    "2021-02-30",
    "2021-05-04 03:02:01\u221203:00",
  ])("%s is told, not guessed", async (text) => {
    await expect(loadSource(memory, await logOf([text]))).rejects.toThrow(
      /1 x the time is not a date and time such as .*\n[^]*dataset\.columns\.timeFormat/,
    );
  });
});

describe("numbers", () => {
  test.each([
    ["20210504", "2021-05-04T00:00:00.000Z"],
    ["202105040302", "2021-05-04T03:02:00.000Z"],
    ["20210504030201", "2021-05-04T03:02:01.000Z"],
  ])("%s is a date", async (text, expected) => {
    expect(await timesOf(await logOf([text]))).toEqual([expected]);
  });

  test.each(["BIGINT", "INTEGER", "DOUBLE", "DECIMAL(12,2)", "VARCHAR"])(
    "dates as %s, one of them impossible",
    async (type) => {
      const days = Array.from(
        { length: 200 },
        (_, k) => `(${k + 1}, ${k === 7 ? "20210231" : `202105${10 + (k % 20)}`})`,
      );
      const interactions = await parquetFile(
        memory,
        "log.parquet",
        `select 1 as u, i, cast(t as ${type}) as t, 5 as r from (values ${days.join(", ")}) as e(i, t)`,
      );
      const settings = { source: "parquet", interactions, columns, onBadRow: "skip" };
      const times = await timesOf(settings);
      expect(times).toHaveLength(199);
      expect(times[0]).toBe("2021-05-10T00:00:00.000Z");
      expect((await loadedRejects(memory)).map(([line, reason]) => [line, reason])).toEqual([
        [8, "the time is not a time written as %Y%m%d"],
      ]);
    },
  );

  test.each([
    ["months and days", ["504", "1231", "101"], /months and days without a year/],
    ["years", ["1999", "2021"], /look like years: dataset\.columns\.timeFormat=%Y/],
    ["months", ["202105", "202106"], /look like months: .*%Y%m/],
    ["hours", ["2021050403"], /look like hours .*%Y%m%d%H/],
    ["days of a spreadsheet", ["44320.5", "44321"], /timeUnit=excel/],
    ["nothing but zeros", ["0", "0"], /holds 2 numbers \(0\)/],
    ["seconds since a start", ["12", "86400"], /timeUnit=order/],
    ["ticks of .NET", ["637557229210000000"], /no times from 1990/],
    ["days since 1970", ["18751"], /timeUnit=s, ms, us, ns or excel/],
    ["seconds from the future", ["4102444800"], /no times from 1990 to tomorrow/],
  ])("%s are refused with the settings to choose", async (_, times, message) => {
    await expect(loadSource(memory, await logOf(times))).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringMatching(message) as unknown,
    });
    await expect(loadSource(memory, await logOf(times))).rejects.toThrow(
      /^dataset\.columns\.time: column t of .*log\.csv holds/,
    );
  });

  test.each([
    [
      "seconds, then milliseconds",
      "1620097321",
      "1620097321000",
      / seconds since 1970, the first 1620097321 in/,
    ],
    ["milliseconds, then seconds", "1620097321000", "1620097321", /milliseconds/],
    [
      "texts and seconds",
      "2021-05-04",
      "1620097321",
      /texts such as 2020-01-31, the first 2021-05-04/,
    ],
    ["dates of two kinds", "20210504", "2021-05-04", /dates such as 20200131/],
  ])("%s are refused, however they are mixed", async (_, one, other, message) => {
    for (const [ones, others] of [
      [50, 50],
      [98, 2],
      [2, 98],
    ]) {
      const times = [...repeated(one, ones ?? 0), ...repeated(other, others ?? 0)];
      await expect(loadSource(memory, await logOf(times))).rejects.toThrow(
        "times of several forms",
      );
      await expect(loadSource(memory, await logOf(times))).rejects.toThrow(message);
    }
  });

  test.each([
    ["2021-05-04 03:02:01", "0", "the time is not a date and time such as 2020-01-31T12:00:00Z"],
    ["1620097321", "0", "the time lies before 1990"],
    ["1620097321", "-1", "the time is not in seconds since 1970"],
    ["1620097321", "1620097321000", "the time is not in seconds since 1970"],
    ["1620097321000", "1620097321", "the time lies before 1990"],
    ["1620097321", "soon", "the time is not in seconds since 1970"],
    ["20210504", "0", "the time is not a time written as %Y%m%d"],
  ])("among 200 times such as %s one odd %s is a bad row", async (usual, odd, reason) => {
    const times = [...repeated(usual, 100), odd, ...repeated(usual, 100)];
    const settings = { ...(await logOf(times)), onBadRow: "skip" };
    expect(await timesOf(settings)).toHaveLength(200);
    expect((await loadedRejects(memory)).map(([line, why]) => [line, why])).toEqual([
      [102, reason],
    ]);
  });

  test("texts that are no times do not make a second form, however many", async () => {
    const times = ["soon", "1620097321", "later", "1620097322", "1620097323"];
    await expect(loadSource(memory, await logOf(times))).rejects.toThrow(
      "2 x the time is not in seconds since 1970",
    );
  });

  test("the unit is that of all files, not of the first rows", async () => {
    const small = await textFile(memory, "a.csv", ["u,i,t,r", "1,1,2021,5"]);
    const rows = Array.from({ length: 150 }, (_, k) => `1,${k + 2},1620097321${100 + k},5`);
    const large = await textFile(memory, "b.csv", ["u,i,t,r", ...rows]);
    const settings = { source: "csv", interactions: [small, large], columns, onBadRow: "skip" };
    expect(await timesOf(settings)).toHaveLength(150);
    expect((await loadedRejects(memory)).map(([line]) => line)).toEqual([2]);
  });
});

describe("settings", () => {
  test.each([
    ["%d.%m.%Y", "4.5.2021", "2021-05-04T00:00:00.000Z"],
    ["%m/%d/%Y %I:%M %p", "05/04/2021 03:02 PM", "2021-05-04T15:02:00.000Z"],
    ["%a %b %d %H:%M:%S %z %Y", "Tue May 04 03:02:01 +0200 2021", "2021-05-04T01:02:01.000Z"],
    ["%Y-%m-%d %H:%M:%S %Z", "2021-05-04 03:02:01 Asia/Tokyo", "2021-05-03T18:02:01.000Z"],
    ["%Y%m%dT%H%M%SZ", "20210504T030201Z", "2021-05-04T03:02:01.000Z"],
    ["%Y%m%d%H", "2021050403", "2021-05-04T03:00:00.000Z"],
    ["%y%m%d", "210504", "2021-05-04T00:00:00.000Z"],
    ["%Y", "2021", "2021-01-01T00:00:00.000Z"],
  ])("timeFormat %s", async (timeFormat, text, expected) => {
    expect(await timesOf(await logOf([text], { timeFormat }))).toEqual([expected]);
  });

  test("timeFormat of digits takes no shorter ones, which could be read in two ways", async () => {
    const settings = await logOf(["2021111"], { timeFormat: "%Y%m%d" });
    await expect(loadSource(memory, settings)).rejects.toThrow("not a time written as %Y%m%d");
  });

  test.each([
    [{ timeFormat: "%Y-%Q" }, "expected a format of strptime"],
    [{ timeFormat: "%d.%m." }, "expected a year in the format"],
    [{ timeFormat: "%Y", timeUnit: "s" }, "exclude each other"],
  ])("%j is refused", async (more, message) => {
    await expect(loadSource(memory, await logOf(["2021"], more))).rejects.toThrow(message);
  });

  test.each([
    ["44320.25", "2021-05-04T06:00:00.000Z"],
    ["44320", "2021-05-04T00:00:00.000Z"],
  ])("timeUnit excel: %s", async (text, expected) => {
    expect(await timesOf(await logOf([text], { timeUnit: "excel" }))).toEqual([expected]);
  });

  test("timeUnit order: rows of all files are a second apart, bad rows between them too", async () => {
    const first = await textFile(memory, "a.csv", ["u,i,r", "1,10,5", "1,20,nan", "2,10,4"]);
    const second = await textFile(memory, "b.csv", ["u,i,r", "1,10,3"]);
    const settings = {
      ...{ source: "csv", interactions: [first, second], onBadRow: "skip", maxBadShare: 1 },
      columns: { user: "u", item: "i", rating: "r", timeUnit: "order" },
    };
    const source = await loadSource(memory, settings);
    expect(await loadedEvents(memory)).toEqual([
      [1, 10, 5, "1970-01-01T00:00:00.000Z"],
      [2, 10, 4, "1970-01-01T00:00:02.000Z"],
      [1, 10, 3, "1970-01-01T00:00:03.000Z"],
    ]);
    expect(await loadedCounts(memory)).toEqual([
      ["read", "", 4],
      ["bad row", "the rating is missing", 1],
      ["kept", "", 3],
    ]);
    expect(source.mapping?.map(({ role }) => role)).toEqual(["user", "item", "rating", "time"]);
    expect(source.mapping?.at(-1)?.taken).toContain("a second apart");
  });

  test("a log without a time column says how it can be read", async () => {
    const interactions = await textFile(memory, "a.csv", ["u,i,r", "1,10,5"]);
    await expect(loadSource(memory, { source: "csv", interactions, columns })).rejects.toThrow(
      /has no column t, only u, i, r\. .*--set dataset\.columns\.timeUnit=order/,
    );
  });
});
