import { describe, expect, test } from "vitest";
import {
  defineSourceIds,
  mountSourceIds,
  type NumberedIds,
} from "../../src/tables/source-ids/source-ids.ts";
import { idText, idTexts } from "../../src/tables/source-ids/id-text.ts";
import { quote } from "../../src/tables/quote.ts";
import { makeRunTable, makeTable } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

/** The source calls the run's items 1, 2, 3, 4 so; users keep their integers. */
const names = ["3", 'it\'s "so"', "日本-1", "5000000030"];

async function define(numbered: NumberedIds): Promise<void> {
  await makeRunTable(
    memory.db,
    "item_dictionary",
    names.map((source_id, place) => ({ item_id: place + 1, source_id })),
  );
  await defineSourceIds(memory.db, numbered);
}

async function values(select: string): Promise<readonly unknown[]> {
  const rows = await memory.db.rows(select);
  return rows.map((row) => Object.values(row)[0]);
}

describe("defineSourceIds", () => {
  test("translates a column named like the dictionary's, in its own rows", async () => {
    await define({ user: false, item: true });
    await makeTable(memory.db, "seen", "item_id integer, source_id varchar", [
      [4, "x"],
      [3, "y"],
      [1, "z"],
      [9, "w"],
    ]);
    expect(await values("select source_item_id(item_id) from seen order by source_id")).toEqual([
      null,
      "5000000030",
      "日本-1",
      "3",
    ]);
    expect(
      await values("select source_id from seen where run_item_id(source_item_id(item_id)) = 4"),
    ).toEqual(["x"]);
  });

  test("translates lists in their order, unknown places to null", async () => {
    await define({ user: false, item: true });
    await makeTable(memory.db, "seen", "k integer, item_ids integer[]", [
      [1, [2, 1, 2]],
      [2, []],
      [3, null],
      [4, [9, null, 3]],
    ]);
    expect(await values("select source_item_ids(item_ids) from seen order by k")).toEqual([
      [names[1], "3", names[1]],
      [],
      null,
      [null, null, "日本-1"],
    ]);
  });

  test("takes a number for the source's id, never for the run's", async () => {
    await define({ user: false, item: true });
    expect(
      await values("select run_item_id(id) from (values (3), (1), (null)) as given(id)"),
    ).toEqual([1, null, null]);
    expect(await values("select run_item_id(5000000030::bigint)")).toEqual([4]);
    expect(await values("select run_item_id(' 5000000030.0 ')")).toEqual([4]);
    expect(await values(`select run_item_id(${quote(names[1] ?? "")})`)).toEqual([2]);
  });

  test("translates what a column says is a user or an item", async () => {
    await define({ user: false, item: true });
    await makeTable(memory.db, "asked", "subject varchar, subject_id integer", [
      ["user", 4],
      ["item", 4],
    ]);
    expect(await values("select source_id(subject, subject_id) from asked order by 1")).toEqual([
      "4",
      "5000000030",
    ]);
    await defineSourceIds(memory.db, { user: false, item: false });
    expect(await values("select source_id(subject, subject_id) from asked")).toEqual([4, 4]);
  });

  test("an id as it stands goes before the same number in another form", async () => {
    await makeRunTable(memory.db, "item_dictionary", [
      { item_id: 1, source_id: "7.0" },
      { item_id: 2, source_id: "7" },
    ]);
    await defineSourceIds(memory.db, { user: false, item: true });
    expect(
      await values("select run_item_id(id) from (values ('7.0'), ('7'), ('7.00')) as given(id)"),
    ).toEqual([1, 2, 2]);
  });

  test("without a dictionary ids stay as they are, and only integers are ids", async () => {
    await define({ user: false, item: true });
    expect(
      await values(
        "select run_user_id(unnest(['7', ' 8.0 ', '0', '-1', 'x', '1.5', '1e3', '2147483648', null]))",
      ),
    ).toEqual([7, 8, 0, -1, null, null, null, null, null]);
    expect(await values("select [source_user_id(7)] || source_user_ids([8, 9])")).toEqual([
      [7, 8, 9],
    ]);
    expect(await values("select typeof(source_user_id(7))")).toEqual(["INTEGER"]);
  });
});

test("mountSourceIds: a run without dictionaries, or with empty ones, has the source's integers", async () => {
  expect(await mountSourceIds(memory.db, { user_dictionary: [] }, memory.dir)).toEqual({
    user: false,
    item: false,
  });
  expect(await values("select source_item_id(5) + run_item_id('6') + run_user_id(1)")).toEqual([
    12,
  ]);
});

describe("idText", () => {
  test.each([
    ["30::integer", "INTEGER", "30"],
    ["5000000030::double", "DOUBLE", "5000000030"],
    ["1e15::double", "DOUBLE", "1000000000000000"],
    ["1.5::double", "DOUBLE", "1.5"],
    ["16777215::float", "FLOAT", "16777215"],
    ["16777217::float", "FLOAT", "16777216.0"], // rounded: no id of any whole number
    ["9007199254740993::double", "DOUBLE", "9007199254740992.0"],
    ["'inf'::double", "DOUBLE", "inf"],
    ["30.00::decimal(18,2)", "DECIMAL(18,2)", "30"],
    ["' a b '", "VARCHAR", " a b "],
    ["'30.0'", "VARCHAR", "30.0"],
    ["encode('é')", "BLOB", "é"],
    ["'007'", "VARCHAR", "007"],
    ["'\"a\"'::json", "JSON", "a"],
    ["'7'::json", "JSON", "7"],
    ["null::double", "DOUBLE", null],
  ])("%s is %s", async (sql, type, expected) => {
    expect(await values(`select ${idText("id", type)} from (select ${sql} as id)`)).toEqual([
      expected,
    ]);
  });

  test.each([
    ["[3, 4]::integer[]", "INTEGER[]", ["3", "4"]],
    ["'[3, \"b c\", ''d'']'", "VARCHAR", ["3", "b c", "d"]],
    ["'[1, \"a\"]'::json", "JSON", ["1", "a"]],
    ["['1'::json, '\"a\"'::json]", "JSON[]", ["1", "a"]],
    ["'no list'", "VARCHAR", null],
    ["'[a, b]'", "VARCHAR", ["a", "b"]],
    ["'[07, 5000000000]'", "VARCHAR", ["07", "5000000000"]],
    [`'["a,b", "say \\"c\\"", 5000000000]'`, "VARCHAR", ["a,b", 'say "c"', "5000000000"]],
    ["'7'", "VARCHAR", null],
    ["null::varchar", "VARCHAR", null],
    ["'[1, null]'", "VARCHAR", ["1", null]],
    ["'7'::json", "JSON", null],
  ])("a list %s of type %s", async (sql, type, expected) => {
    expect(await values(`select ${idTexts("ids", type)} from (select ${sql} as ids)`)).toEqual([
      expected,
    ]);
  });
});
