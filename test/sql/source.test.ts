import { createHash } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { sqlFile } from "../../src/tables/sql-file.ts";
import { answer, at, makeTable } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

const rowColumns = "file_row bigint, user_id integer, item_id integer, rating float, ts timestamp";

describe("source/value_forms", () => {
  test("counts the rows of each form of time, and the ids that are integers", async () => {
    const columns =
      "file_row bigint, has_user boolean, is_integer_user boolean, has_item boolean, is_integer_item boolean, has_time boolean, time_number double, is_iso_time boolean";
    const row = (file_row: number, time: number | null, hasTime = true, isIso = false) =>
      [file_row, true, file_row !== 4, file_row < 8, false, hasTime, time, isIso] as const;
    await makeTable(memory.db, "source_forms", columns, [
      row(0, 1_600_000_000),
      row(1, 1_500_000_000.5),
      row(2, 1_600_000_000_000),
      row(3, 1_600_000_000_000_000),
      row(4, 1_600_000_000_000_000_000),
      row(5, 20200131),
      row(6, 20200132),
      row(7, 202001312359),
      row(8, 20200131235959),
      row(9, 20200131235960),
      row(10, 637_000_000_000_000_000), // ticks of .NET in 2019
      row(11, 0),
      row(12, null, true, true),
      row(13, null, true, false),
      row(14, null, false),
    ]);
    const found = await memory.db.rows(sqlFile("source/value_forms"), {
      ...{ from_s: 631_152_000, until_s: 1_700_000_000, from_day: 19900101, until_day: 20231114 },
    });
    const byForm = new Map(found.map((form) => [form["time_form"], form]));
    const rows = found.map(({ time_form, rows: count }) => [time_form, count]);
    expect(new Map(rows.map(([form, count]) => [form, count]))).toEqual(
      new Map<unknown, unknown>([
        ["number", 4],
        ["s", 2],
        ...["ms", "us", "ns", "day", "minute", "second", "text", "other"].map(
          (form) => [form, 1] as const,
        ),
        [null, 1],
      ]),
    );
    expect(byForm.get("s")).toMatchObject({
      least: 1_500_000_000.5,
      most: 1_600_000_000,
      first_row: 0,
    });
    expect(byForm.get("number")).toMatchObject({
      least: 0,
      first_row: 6,
      items: 1,
      integer_items: 0,
    });
    expect(byForm.get("ns")).toMatchObject({ users: 1, integer_users: 0, first_user: 4 });
    expect(byForm.get("us")).toMatchObject({ users: 1, integer_users: 1, first_user: null });
  });
});

test("source/event_types lists those asked for first, then the most frequent, and how many there are", async () => {
  const types = ["view", "view", "view", "buy", "cart", "cart", null].map((type) => [type]);
  await makeTable(memory.db, "source_events_typed", "type varchar", types);
  const found = await memory.db.rows(sqlFile("source/event_types"), {
    ...{ wanted: '["buy", "gift"]', limit: 1 },
  });
  expect(found.map(({ type, rows, types: all }) => [type, rows, all])).toEqual([
    ["buy", 1, 3],
    ["view", 3, 3],
  ]);
});

test("source/merged_forms adds up what groups of files hold, form by form, and keeps the first rows of all", async () => {
  const columns =
    "time_form varchar, rows bigint, least double, most double, first_row bigint, users bigint, integer_users bigint, first_user bigint, " +
    "items bigint, integer_items bigint, first_item bigint";
  await makeTable(memory.db, "ingest_forms", columns, [
    ["s", 5, 100, 200, 7, 5, 5, null, 5, 4, 9],
    ["text", 6, null, null, 8, 6, 6, null, 6, 6, null],
    ["s", 3, 50, 150, 70, 2, 1, 71, 3, 2, 72],
  ]);
  expect(await memory.db.rows(sqlFile("source/merged_forms"))).toEqual([
    {
      ...{ time_form: "s", rows: 8, least: 50, most: 200, first_row: 7 },
      ...{ users: 7, integer_users: 6, first_user: 71 },
      ...{ items: 8, integer_items: 6, first_item: 9 },
    },
    {
      ...{ time_form: "text", rows: 6, least: null, most: null, first_row: 8 },
      ...{ users: 6, integer_users: 6, first_user: null },
      ...{ items: 6, integer_items: 6, first_item: null },
    },
  ]);
});

describe("source/checked_rows", () => {
  const columns =
    "file_index bigint, place bigint, line bigint, fault varchar, content varchar, user_raw varchar, item_raw varchar, " +
    "time_raw varchar, value_raw varchar, weight_raw varchar, user_id integer, item_id integer, rating float, ts timestamp, weight float";
  const params = {
    ...{ user_fault: "bad user", item_fault: "bad item", value_fault: "bad value" },
    ...{ time_fault: "bad time", weight_fault: "bad weight" },
    ...{ value_name: "rating", from: "1970-01-01", until: "2000-01-03" },
  };

  test("says of every row why it is none, first things first", async () => {
    const good = ["1", "2", "3", "4", "0.5", 1, 2, 4, at(1), 0.5] as const;
    const but = (changes: Readonly<Record<number, string | number | Date | null>>) =>
      good.map((cell, k) => (k in changes ? (changes[k] ?? null) : cell));
    const rows = [
      { row: but({}), reason: null },
      { row: but({ 0: null, 5: null, 8: null }), reason: "the user id is missing" },
      { row: but({ 1: null, 6: null }), reason: "the item id is missing" },
      { row: but({ 2: null, 8: null }), reason: "the time is missing" },
      { row: but({ 3: null, 7: null }), reason: "the rating is missing" },
      { row: but({ 4: null, 5: null, 9: null }), reason: "the weight is missing" },
      { row: but({ 5: null, 6: null }), reason: "bad user" },
      { row: but({ 6: null }), reason: "bad item" },
      { row: but({ 7: null }), reason: "bad value" },
      { row: but({ 8: null }), reason: "bad time" },
      { row: but({ 9: null }), reason: "bad weight" },
      { row: but({ 9: 0 }), reason: null },
      { row: but({ 4: null, 9: 1 }), reason: null }, // as where no column is the weight
      { row: but({ 8: new Date(-1) }), reason: "the time lies before 1970" },
      { row: but({ 8: at(2, 86_399) }), reason: null },
      { row: but({ 8: at(3) }), reason: "the time lies in the future" },
    ];
    await makeTable(memory.db, "source_typed", columns, [
      ...rows.map(({ row }, k) => [0, k, k + 1, null, null, ...row]),
      [2, 5, 9, "not UTF-8", "what stood there", ...Array.from({ length: 10 }, () => null)],
    ]);
    const found = await memory.db.rows(sqlFile("source/checked_rows"), params);
    expect(found.map(({ reason }) => reason)).toEqual([
      ...rows.map(({ reason }) => reason),
      "not UTF-8",
    ]);
    expect(found[1]?.["content"]).toBe("2 | 3 | 4 | 0.5");
    expect(found.at(-1)).toMatchObject({
      file_index: 2,
      place: 5,
      line: 9,
      content: "what stood there",
    });
  });
});

describe("rows that are none", () => {
  beforeEach(async () => {
    const columns = "file_index bigint, line bigint, reason varchar, content varchar";
    await makeTable(memory.db, "judged_rows", columns, [
      [0, 1, null, "fine"],
      [0, 2, "late", "a\nb\u0007"],
      [0, 3, "late", "x".repeat(300)],
      [1, 1, "late", "'; drop table t"],
    ]);
  });

  test("source/reason_counts counts by file and reason", async () => {
    expect(await answer(memory.db, "source/reason_counts")).toEqual([
      { file_index: 0, reason: "late", rows: 2 },
      { file_index: 0, reason: null, rows: 1 },
      { file_index: 1, reason: "late", rows: 1 },
    ]);
  });

  test("source/bad_rows shows them as safe text, cut", async () => {
    expect(await answer(memory.db, "source/bad_rows")).toEqual([
      { file_index: 0, line: 2, reason: "late", content: "a�b�" },
      { file_index: 0, line: 3, reason: "late", content: "x".repeat(200) },
      { file_index: 1, line: 1, reason: "late", content: "'; drop table t" },
    ]);
  });
});

describe("source/sampled_rows", () => {
  test("a user's fate depends on seed and id alone, and is as md5 has it", async () => {
    await makeTable(
      memory.db,
      "source_valid",
      rowColumns,
      [1, 2, 3].map((user) => [user, user, 9, 1, at(1)]),
    );
    // Of md5("7:1"), md5("7:2") and md5("7:3"), the last eight bytes as a little-endian share of 2^64.
    const shares = [1, 2, 3].map((user) => {
      const hash = createHash("md5").update(`7:${user}`).digest();
      return Number(hash.readBigUInt64LE(8)) / 2 ** 64;
    });
    const share = shares.toSorted((a, b) => a - b)[1] ?? 0;
    const kept = await answer(memory.db, "source/sampled_rows", { share, seed: 7 });
    expect(kept).toHaveLength(1);
    expect(kept[0]?.["user_id"]).toBe(shares.indexOf(Math.min(...shares)) + 1);
  });
});

describe("dictionaries", () => {
  test.each(["source/user_dictionary", "source/item_dictionary"])(
    "%s numbers ids in the order of their bytes",
    async (statement) => {
      const side = statement.includes("user") ? "user" : "item";
      await makeTable(memory.db, "source_sampled", `${side}_id varchar`, [
        ["b"],
        ["Z"],
        ["b"],
        ["é"],
        ["10"],
        ["9"],
      ]);
      expect(await answer(memory.db, statement)).toEqual(
        ["10", "9", "Z", "b", "é"].map((source_id, k) => ({ [`${side}_id`]: k + 1, source_id })),
      );
    },
  );
});

describe("rows left out", () => {
  test("source/events leaves out what is dropped", async () => {
    await makeTable(memory.db, "source_rows", rowColumns, [
      [0, 1, 10, 3, at(1)],
      [1, 1, 11, 3, at(1)],
    ]);
    await makeTable(memory.db, "dropped", "file_row bigint, reason varchar", [[1, "why"]]);
    expect(await answer(memory.db, "source/events")).toEqual([
      { user_id: 1, item_id: 10, rating: 3, ts: at(1), file_row: 0 },
    ]);
  });

  test("source/dropped_rows says where they stand", async () => {
    await makeTable(memory.db, "dropped", "file_row bigint, reason varchar", [[5, "again"]]);
    await makeTable(
      memory.db,
      "source_checked",
      "file_row bigint, file_index bigint, line bigint, content varchar",
      [
        [4, 0, 5, "a"],
        [5, 0, 6, "b\tc"],
      ],
    );
    expect(await answer(memory.db, "source/dropped_rows")).toEqual([
      { file_index: 0, line: 6, reason: "again", content: "b�c" },
    ]);
  });

  test("source/duplicate_rows keeps one row of each event, of the users of its bucket", async () => {
    await makeTable(memory.db, "source_events", rowColumns, [
      [0, 2, 10, 3, at(1)],
      [1, 2, 10, 5, at(1)],
      [2, 2, 10, 5, at(1)],
      [3, 2, 10, 1, at(2)], // another time
      [4, 2, 11, 1, at(1)], // another item
      [5, 3, 10, 3, at(1)], // another bucket
      [6, 3, 10, 3, at(1)],
    ]);
    const droppedBy = async (keep: string, bucket: number, buckets: number) =>
      (await answer(memory.db, "source/duplicate_rows", { keep, bucket, buckets })).map(
        ({ file_row }) => file_row,
      );
    expect(await droppedBy("first", 0, 2)).toEqual([1, 2]);
    expect(await droppedBy("last", 0, 2)).toEqual([0, 1]);
    expect(await droppedBy("max", 0, 2)).toEqual([0, 2]);
    expect(await droppedBy("first", 1, 2)).toEqual([6]);
    expect(await droppedBy("first", 0, 1)).toEqual([1, 2, 6]);
  });

  test("source/items_without_metadata names them in the order in which they occur", async () => {
    const rowsOfItems = "item_id integer, first_row bigint, rows bigint";
    await makeTable(memory.db, "source_item_rows", rowsOfItems, [
      [30, 3, 2],
      [10, 1, 1],
      [20, 2, 1],
      [30, 0, 1],
    ]);
    await makeTable(memory.db, "catalogue", "item_id integer", [[10]]);
    await makeTable(memory.db, "item_dictionary", "item_id integer, source_id varchar", [
      [20, "B"],
    ]);
    expect(await memory.db.rows(sqlFile("source/items_without_metadata"))).toEqual([
      { item_id: 30, source_id: "30", first_row: 0, rows: 3 },
      { item_id: 20, source_id: "B", first_row: 2, rows: 1 },
    ]);
  });
});

describe("the core", () => {
  test("source/core_users, source/core_items and source/core_events count what is left", async () => {
    await makeTable(memory.db, "source_events", rowColumns, [
      [0, 1, 10, 5, at(1)],
      [1, 1, 20, 5, at(1)],
      [2, 2, 10, 5, at(1)],
      [3, 2, 30, 5, at(1)], // of an item that is not left
      [4, 3, 10, 5, at(1)],
      [5, 3, 20, 5, at(1)],
    ]);
    await makeTable(memory.db, "core_items", "item_id integer", [[10], [20]]);
    expect(await answer(memory.db, "source/core_users", { least: 2 })).toEqual([
      { user_id: 1 },
      { user_id: 3 },
    ]);
    await makeTable(memory.db, "core_users", "user_id integer", [[1], [2]]);
    expect(await answer(memory.db, "source/core_items", { least: 2 })).toEqual([{ item_id: 10 }]);
    const left = await answer(memory.db, "source/core_events");
    expect(left.map(({ file_row }) => file_row).sort()).toEqual([0, 1, 2]);
  });
});

describe("items and users", () => {
  test("source/checked_items takes an item's first row", async () => {
    const columns =
      "file_row bigint, file_index bigint, line bigint, fault varchar, content varchar, id_raw varchar, item_id integer, " +
      "title varchar, year smallint, attributes map(varchar, varchar[])";
    await makeTable(memory.db, "items_placed", columns, [
      [1000, 1, 1, null, null, "7", 7, "Later", null, {}],
      [3, 0, 4, null, null, "7", 7, "First", 1999, {}],
      [4, 0, 5, null, null, null, null, "None", null, {}],
      [5, 0, 6, null, null, "x", null, "Odd", null, {}],
      [6, 0, 7, "broken", "{", null, null, null, null, null],
    ]);
    const found = await memory.db.rows(
      `select * from (${sqlFile("source/checked_items")}) order by file_index, line`,
      { id_fault: "bad id" },
    );
    expect(found.map(({ line, reason, content }) => [line, reason, content])).toEqual([
      [4, null, "7 | First"],
      [5, "the item id is missing", "None"],
      [6, "bad id", "x | Odd"],
      [7, "broken", "{"],
      [1, "the item has a row before", "7 | Later"],
    ]);
  });

  test("source/checked_users takes a user's first row", async () => {
    const columns =
      "file_row bigint, file_index bigint, line bigint, fault varchar, content varchar, id_raw varchar, user_id varchar, attributes map(varchar, varchar[])";
    await makeTable(memory.db, "users_placed", columns, [
      [0, 0, 1, null, null, "a", "a", {}],
      [1, 0, 2, null, null, "a", "a", {}],
      [2, 0, 3, null, null, null, null, {}],
      [3, 0, 4, null, null, "b", null, {}],
      [4, 0, 5, "broken", "{", null, null, null],
    ]);
    const found = await memory.db.rows(
      `select * from (${sqlFile("source/checked_users")}) order by line`,
      { id_fault: "bad id" },
    );
    expect(found.map(({ reason, content }) => [reason, content])).toEqual([
      [null, "a"],
      ["the user has a row before", "a"],
      ["the user id is missing", null],
      ["bad id", "b"],
      ["broken", "{"],
    ]);
  });

  test("source/items titles what has no title by its id, in the source or here", async () => {
    await makeTable(memory.db, "source_interactions", "item_id integer", [[1], [2], [3], [4], [1]]);
    const columns =
      "item_id integer, title varchar, year smallint, attributes map(varchar, varchar[])";
    await makeTable(memory.db, "catalogue", columns, [
      [1, "Heat", 1995, { genre: ["Crime"] }],
      [2, "", null, {}],
      [9, "Unrated", null, {}],
    ]);
    await makeTable(memory.db, "item_dictionary", "item_id integer, source_id varchar", [
      [2, "B002"],
      [3, "B003"],
    ]);
    expect(await answer(memory.db, "source/items")).toEqual([
      { item_id: 1, title: "Heat", year: 1995, attributes: { genre: ["Crime"] } },
      { item_id: 2, title: "B002", year: null, attributes: {} },
      { item_id: 3, title: "B003", year: null, attributes: {} },
      { item_id: 4, title: "4", year: null, attributes: {} },
    ]);
  });
});

describe("what a source is described by", () => {
  test("source/kept_facts", async () => {
    await makeTable(memory.db, "source_interactions", rowColumns, [
      [0, 1, 10, 4, at(1)],
      [1, 1, 10, 4, at(1)], // told again
      [2, 2, 10, 3, at(3)],
      [3, 2, 20, 5, at(2)],
    ]);
    expect(await answer(memory.db, "source/kept_facts", { positive_above: 3 })).toEqual([
      { rows: 4, users: 2, items: 2, positives: 3, repeated: 1, first_at: at(1), last_at: at(3) },
    ]);
  });

  test("source/reject_reasons", async () => {
    const columns = "source varchar, file varchar, line bigint, reason varchar, content varchar";
    await makeTable(memory.db, "source_rejects", columns, [
      ["interactions", "b", 1, "late", "x"],
      ["interactions", "a", 9, "late", "y"],
      ["interactions", "a", 3, "early", "z"],
      ["items", "c", 2, "late", "i"],
    ]);
    const found = await memory.db.rows(sqlFile("source/reject_reasons"));
    expect(found.map((row) => Object.values(row))).toEqual([
      ["interactions", "late", 2, "a", 9, "y"],
      ["interactions", "early", 1, "a", 3, "z"],
      ["items", "late", 1, "c", 2, "i"],
    ]);
  });

  test("source/missing_values", async () => {
    await makeTable(memory.db, "source_raw", "c0 varchar, c1 integer, c2 timestamp, c3 float", [
      ["a", null, at(1), null],
      [null, null, at(1), 1],
    ]);
    expect(await answer(memory.db, "source/missing_values")).toEqual([
      { c0: 1, c1: 2, c2: 0, c3: 1 },
    ]);
    await makeTable(memory.db, "source_raw", "c0 varchar, c1 integer, c4 double, place bigint", [
      ["a", null, null, null],
    ]);
    expect(await answer(memory.db, "source/missing_values")).toEqual([{ c0: 0, c1: 1, c4: 1 }]);
  });

  test("source/weight_range", async () => {
    await makeTable(
      memory.db,
      "source_interactions",
      "weight float",
      [0, 0.5, 2.5, 0].map((weight) => [weight]),
    );
    expect(await answer(memory.db, "source/weight_range")).toEqual([
      { least: 0, most: 2.5, mean: 0.75, zeros: 2 },
    ]);
  });
});
