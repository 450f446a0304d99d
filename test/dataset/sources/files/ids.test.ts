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

/** Settings of a log with these users, each with an item and a second of its own. */
async function logOf(users: readonly string[], more: object = {}) {
  const rows = users.map((user, k) => `"${user}",${k + 1},${1700000000 + k},5`);
  const interactions = await textFile(memory, "log.csv", ["u,i,t,r", ...rows]);
  return { source: "csv", interactions, columns, ...more };
}

/** The user of each row as the source calls it, in file order. */
async function users(): Promise<readonly unknown[]> {
  const rows = await memory.db.rows(
    "select coalesce(source_id, cast(e.user_id as varchar)) as id from source_interactions e left join user_dictionary using (user_id) order by file_row",
  );
  return rows.map(({ id }) => id);
}

describe("missing values", () => {
  const marks = [
    "",
    "NA",
    "N/A",
    "NULL",
    "null",
    "None",
    "nan",
    "NaN",
    "\\N",
    " NA ",
    "__HIVE_DEFAULT_PARTITION__",
  ];

  test.each(marks)("a user written %j is missing", async (mark) => {
    await loadSource(
      memory,
      await logOf(["ann", mark, "bob"], { onBadRow: "skip", maxBadShare: 1 }),
    );
    expect(await users()).toEqual(["ann", "bob"]);
    expect((await loadedRejects(memory)).map(([line, reason]) => [line, reason])).toEqual([
      [3, "the user id is missing"],
    ]);
  });

  test("they do not make texts of integer ids", async () => {
    const source = await loadSource(
      memory,
      await logOf(["7", "NULL", "8"], { onBadRow: "skip", maxBadShare: 1 }),
    );
    expect(source.tables).not.toHaveProperty("user_dictionary");
    expect(await users()).toEqual(["7", "8"]);
  });

  test("in every column: item, time, event and weight; title and year", async () => {
    const interactions = await textFile(memory, "log.csv", [
      "u,i,t,e,w",
      "1,a,1700000000,buy,1",
      "1,None,1700000001,buy,1",
      "1,b,NULL,buy,1",
      "1,c,1700000003,\\N,1",
      "1,d,1700000004,buy,NA",
    ]);
    const path = await textFile(memory, "items.csv", ["item_id,title,year", "a,nan,NULL"]);
    await loadSource(memory, {
      ...{ source: "csv", interactions, onBadRow: "skip", maxBadShare: 1 },
      columns: {
        user: "u",
        item: "i",
        time: "t",
        event: "e",
        positiveEvents: ["buy"],
        weight: "w",
      },
      items: { path, year: "year" },
    });
    expect((await loadedRejects(memory)).map(([, reason]) => reason)).toEqual([
      "the item id is missing",
      "the time is missing",
      "the event type is missing",
      "the weight is missing",
    ]);
    const items = await memory.db.rows("select title, year from source_items");
    expect(items).toEqual([{ title: "a", year: null }]);
  });

  test("which texts they are is a setting", async () => {
    const more = { missingValues: ["-", "anonymous"], onBadRow: "skip", maxBadShare: 1 };
    await loadSource(memory, await logOf(["NULL", "-", "anonymous", "ann"], more));
    expect(await users()).toEqual(["NULL", "ann"]);
  });

  test.each([
    [
      "parquet",
      "select * from (values ('NULL', 1, 1700000000, 5.0), ('x', 2, 1700000001, 'nan'), ('y', 3, 1700000002, 4)) as e(u, i, t, r)",
    ],
  ])("in Parquet too, and NaN is one: %s", async (source, sql) => {
    const interactions = await parquetFile(
      memory,
      "log.parquet",
      sql.replace("'nan'", "'nan'::double"),
    );
    await loadSource(memory, { source, interactions, columns, onBadRow: "skip", maxBadShare: 1 });
    expect(await users()).toEqual(["y"]);
    expect((await loadedRejects(memory)).map(([, reason]) => reason)).toEqual([
      "the user id is missing",
      "the rating is missing",
    ]);
  });

  test("Hive's folder of rows without a value is one, whatever the format", async () => {
    const row = (item: number, time: number): string => `${item},${time},5`;
    const interactions = [
      await textFile(memory, "u=ann/a.csv", ["i,t,r", row(1, 1700000000)]),
      await textFile(memory, "u=__HIVE_DEFAULT_PARTITION__/a.csv", ["i,t,r", row(2, 1700000001)]),
    ];
    const more = { columns, onBadRow: "skip", maxBadShare: 1 };
    await loadSource(memory, { source: "csv", interactions, ...more });
    expect(await users()).toEqual(["ann"]);
    const parts = [
      await parquetFile(memory, "u=ann/a.parquet", "select 1 as i, 1700000000 as t, 5 as r"),
      await parquetFile(
        memory,
        "u=__HIVE_DEFAULT_PARTITION__/a.parquet",
        "select 2 as i, 1700000001 as t, 5 as r",
      ),
    ];
    await loadSource(memory, { source: "parquet", interactions: parts, ...more });
    expect(await users()).toEqual(["ann"]);
  });
});

describe("which ids are one", () => {
  test.each([
    ["spaces around", ["u1", " u1", "u1 ", "\tu1", "\u00A0u1"], "u1"],
    [
      "whole numbers with a fraction of zeros",
      ["6000000001", "6000000001.0", "6000000001.00 "],
      "6000000001",
    ],
    ["integers with them", ["12", "12.0", " 12"], "12"],
  ])("%s", async (_, texts, id) => {
    await loadSource(memory, await logOf(texts));
    expect(await users()).toEqual(texts.map(() => id));
  });

  test("not those that differ in case, zeros in front, signs or spaces between", async () => {
    const texts = ["7", "07", "-7", "+7", "7.5", "7.05", "v7.0", "u 7", "U 7", "u  7"];
    await loadSource(memory, await logOf(texts));
    expect(await users()).toEqual(texts);
  });

  test("events and labels are read without the spaces around them", async () => {
    const interactions = await textFile(memory, "log.csv", [
      "u,i,t,e",
      "1,1,1700000000, buy ",
      "1,2,1700000001,view",
    ]);
    await loadSource(memory, {
      ...{ source: "csv", interactions },
      columns: { user: "u", item: "i", time: "t", event: "e", positiveEvents: ["buy"] },
    });
    expect((await loadedEvents(memory)).map(([, , rating]) => rating)).toEqual([1, 0]);
  });

  test.each(["DOUBLE", "DECIMAL(18,2)", "VARCHAR", "HUGEINT"])(
    "large ids as %s match those of a text file",
    async (type) => {
      const interactions = await parquetFile(
        memory,
        "log.parquet",
        `select 1 as u, cast(6000000000 + range as ${type}) as i, 1700000000 + range as t, 5 as r from range(1, 4)`,
      );
      const path = await textFile(memory, "items.csv", [
        "item_id,title",
        "6000000001,One",
        " 6000000002.0,Two",
        "6000000003 ,Three",
      ]);
      await loadSource(memory, { source: "parquet", interactions, columns, items: { path } });
      const items = await memory.db.rows(
        "select title, source_id from source_items join item_dictionary using (item_id) order by 2",
      );
      expect(items.map(({ title }) => title)).toEqual(["One", "Two", "Three"]);
    },
  );

  test.each([
    ["DOUBLE", "9007199254740994", "the user id is not a whole number below 2^53"],
    ["FLOAT", "16777218", "the user id is not a whole number below 2^24"],
    ["DOUBLE", "1.5", "the user id is not a whole number below 2^53"],
    ["DECIMAL(9,1)", "1.5", "the user id is not a whole number"],
  ])("a %s that may be several ids is a bad row: %s", async (type, value, reason) => {
    const interactions = await parquetFile(
      memory,
      "log.parquet",
      `select cast(${value} as ${type}) as u, 1 as i, 1700000000 as t, 5 as r`,
    );
    await expect(loadSource(memory, { source: "parquet", interactions, columns })).rejects.toThrow(
      `1 x ${reason}\n`,
    );
  });
});

describe("auto", () => {
  test.each([
    ["0", "zero"],
    ["-1", "negative"],
    ["007", "zeros in front"],
    ["2147483648", "beyond 32 bits"],
    ["guest-1", "words"],
    ["1.5", "fractions"],
  ])("one id %s among many integers makes texts of all: none is lost", async (odd) => {
    const texts = [...Array.from({ length: 30 }, (_, k) => String(k + 1)), odd];
    const source = await loadSource(memory, await logOf(texts));
    expect(await users()).toEqual(texts);
    expect(source.mapping?.[0]?.taken).toBe(
      `texts, numbered, because 1 of 31 are no integers from 1 to 2147483647, the first ${odd}`,
    );
    expect(source.mapping?.[1]?.taken).toBe("integer ids, kept");
  });

  test("integers by order are bad rows that name the cure", async () => {
    await expect(
      loadSource(memory, await logOf(["1", "0", "x"], { ids: "integer" })),
    ).rejects.toThrow(
      /2 x the user id is not an integer from 1 to 2147483647\n[^]*--set dataset\.ids=dictionary/,
    );
  });

  test("is decided by all files: a first one without rows, or with digits alone, decides nothing", async () => {
    const empty = await textFile(memory, "a.csv", ["u,i,t,r"]);
    const digits = await textFile(memory, "b.csv", ["u,i,t,r", "12,1,1700000000,5"]);
    const hex = await textFile(memory, "c.csv", [
      "u,i,t,r",
      "1f,1,1700000001,5",
      "a0,2,1700000002,5",
    ]);
    await loadSource(memory, { source: "csv", interactions: [empty, digits, hex], columns });
    expect(await users()).toEqual(["12", "1f", "a0"]);
    expect(await loadedCounts(memory)).toEqual([
      ["read", "", 3],
      ["kept", "", 3],
    ]);
  });
});

describe("what is no id", () => {
  test.each(["[30]", '["a", "b"]', "['a', 'b']", '{"$oid": "5f"}'])("%s", async (text) => {
    const settings = await logOf(["ann", text.replaceAll('"', '""')], { ids: "dictionary" });
    await expect(loadSource(memory, settings)).rejects.toThrow("1 x the user id is not one text");
  });

  test("in JSON too", async () => {
    const interactions = await textFile(memory, "log.jsonl", [
      '{"u":{"$ref":"5f"},"i":1,"t":1700000000,"r":5}',
      '{"u":[1,2],"i":1,"t":1700000001,"r":5}',
      '{"u":"ann","i":1,"t":1700000002,"r":5}',
    ]);
    const settings = { source: "json", interactions, columns };
    await expect(loadSource(memory, settings)).rejects.toThrow("2 x the user id is not one text");
  });

  test("but brackets may be part of one", async () => {
    const texts = ["[deleted]", "{5F2A-11}", "[x", "{"];
    await loadSource(memory, await logOf(texts));
    expect(await users()).toEqual(texts);
  });

  test.each([
    ["user", "[1]", "1", "INTEGER\\[\\]"],
    ["user", "{'id': 1}", "1", "STRUCT\\(id INTEGER\\)"],
    ["user", "map {1: 2}", "1", "MAP\\(INTEGER, INTEGER\\)"],
    ["item", "1", "['a']", "VARCHAR\\[\\]"],
  ])("a %s column of Parquet that holds %s and %s", async (side, user, item, type) => {
    const interactions = await parquetFile(
      memory,
      "log.parquet",
      `select ${user} as u, ${item} as i, 1700000000 as t, 5 as r`,
    );
    await expect(loadSource(memory, { source: "parquet", interactions, columns })).rejects.toThrow(
      new RegExp(
        `dataset\\.columns\\.${side}: column [ui] of .*log\\.parquet holds ${type}, but each row needs one value`,
      ),
    );
  });
});
