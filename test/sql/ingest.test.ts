import { describe, expect, test } from "vitest";
import { sqlFile } from "../../src/tables/sql-file.ts";
import { answer, at, makeTable, type Cell } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

const sourceInteractions =
  "user_id integer, item_id integer, rating float, ts timestamp, file_row bigint";

describe("ingest/interactions", () => {
  test("a rating above the threshold is label 1, one at it label 0", async () => {
    const row = (rating: number, file_row: number) => [1, 10, rating, at(1, file_row), file_row];
    await makeTable(
      memory.db,
      "source_interactions",
      sourceInteractions,
      [3, 3.5, 5, 0.5].map(row),
    );
    const rows = await memory.db.rows(
      `select * from (${sqlFile("ingest/interactions")}) order by file_row`,
      { positive_above: 3 },
    );
    expect(rows[0]).toEqual({
      user_id: 1,
      item_id: 10,
      rating: 3,
      label: 0,
      ts: at(1, 0),
      file_row: 0,
    });
    expect(rows.map((interaction) => interaction["label"])).toEqual([0, 1, 1, 0]);
  });

  test("the weight of a row, where the source has weights", async () => {
    await makeTable(memory.db, "source_interactions", `${sourceInteractions}, weight float`, [
      [1, 10, 4, at(1), 0, 0.25],
      [1, 20, 2, at(2), 1, 0],
    ]);
    const rows = await answer(memory.db, "ingest/interactions", { positive_above: 3 });
    expect(rows.map((row) => Object.entries(row).slice(3))).toEqual([
      [
        ["label", 1],
        ["ts", at(1)],
        ["weight", 0.25],
        ["file_row", 0],
      ],
      [
        ["label", 0],
        ["ts", at(2)],
        ["weight", 0],
        ["file_row", 1],
      ],
    ]);
  });
});

describe("ingest/users", () => {
  test("everyone who rated, once, and nobody else", async () => {
    await makeTable(memory.db, "source_interactions", sourceInteractions, [
      [2, 10, 5, at(1), 0],
      [1, 10, 5, at(1), 1],
      [2, 20, 5, at(1), 2],
    ]);
    const columns = "user_id integer, attributes map(varchar, varchar[])";
    await makeTable(memory.db, "source_users", columns, [
      [1, { gender: ["F"] }],
      [3, { gender: ["M"] }],
    ]);
    expect(await answer(memory.db, "ingest/users")).toEqual([
      { user_id: 1, attributes: { gender: ["F"] } },
      { user_id: 2, attributes: {} },
    ]);
  });
});

describe("ingest/duplicates", () => {
  test("the first three events that occur again, with the lines of the first and the last", async () => {
    await makeTable(memory.db, "source_interactions", sourceInteractions, [
      [1, 10, 5, at(1, 0), 0],
      [1, 10, 4, at(1, 1), 1], // another second: no repetition
      [2, 10, 5, at(1, 0), 2], // another user
      [1, 20, 5, at(1, 0), 3], // another item
      [1, 10, 3, at(1, 0), 4], // line 6 repeats line 2, with another rating
      [1, 20, 5, at(1, 0), 5],
      [1, 20, 5, at(1, 0), 6], // line 8 repeats line 5 again
    ]);
    expect(await memory.db.rows(sqlFile("ingest/duplicates"), { first_line: 2 })).toEqual([
      { user_id: 1, item_id: 10, ts: at(1, 0), first_line: 2, last_line: 6 },
      { user_id: 1, item_id: 20, ts: at(1, 0), first_line: 5, last_line: 8 },
    ]);
  });
});

describe("ingest/unknown_items", () => {
  test("rated items that the catalogue lacks, with the line where each first occurs", async () => {
    await makeTable(memory.db, "source_items", "item_id integer", [[10]]);
    await makeTable(memory.db, "source_interactions", sourceInteractions, [
      [1, 10, 5, at(1, 0), 0],
      [1, 30, 5, at(1, 1), 1],
      [1, 20, 5, at(1, 2), 2],
      [2, 30, 5, at(1, 0), 3],
    ]);
    expect(await memory.db.rows(sqlFile("ingest/unknown_items"), { first_line: 1 })).toEqual([
      { item_id: 30, first_line: 2, ratings: 2 },
      { item_id: 20, first_line: 3, ratings: 1 },
    ]);
  });
});

describe("ingest/counts", () => {
  const counts = async (title: string, tags: readonly (string | null)[]) => {
    await memory.db.run(
      `create or replace table source_counts as select * from (values (1, 'read', '', 3::bigint), (2, 'kept', '', 3::bigint)) as t(place, step, reason, rows)`,
    );
    await memory.db.run(
      "create or replace table source_items (title varchar, attributes map(varchar, varchar[]))",
    );
    await memory.db.run(
      "insert into source_items values ('short', null), ($title, map {'tag': from_json($tags, '[\"varchar\"]'), 'tone': null})",
      { title, tags: JSON.stringify(tags) },
    );
    const rows = await memory.db.rows(sqlFile("ingest/counts"), { most: 1000 });
    return rows.map(({ place, step, rows: counted }) => [Number(place), step, Number(counted)]);
  };
  const ordinary = [
    [1, "read", 3],
    [2, "kept", 3],
  ];

  test("are those of the source where no item is long", async () => {
    expect(await counts("x".repeat(400), ["y".repeat(300), null, "z".repeat(300)])).toEqual(
      ordinary,
    );
  });

  test("say how many items are long, by their title or by all of their values", async () => {
    const long = [...ordinary, [3, "long item", 1]];
    expect(await counts("x".repeat(1001), [])).toEqual(long);
    expect(await counts("x".repeat(400), ["y".repeat(300), "z".repeat(301)])).toEqual(long);
    const [row] = (await memory.db.rows(sqlFile("ingest/counts"), { most: 1000 })).slice(-1);
    expect(row?.["reason"]).toBe(
      "more than 1,000 characters of title and attribute values; knowledge.itemCharacters says how many of them texts hold",
    );
  });
});

describe("ingest/data_fingerprint", () => {
  const columns = "user_id integer, item_id integer, rating float, label tinyint, ts timestamp";
  const first = [1, 10, 5, 1, at(1)];
  const second = [1, 20, 2, 0, at(2)];
  const third = [2, 10, 4, 1, at(3)];
  const printOf = async (rows: readonly (readonly Cell[])[]) => {
    await makeTable(memory.db, "interactions", columns, rows);
    const [row] = await answer(memory.db, "ingest/data_fingerprint");
    return row;
  };

  test("counts rows, users and items", async () => {
    expect(await printOf([first, second, third])).toMatchObject({ rows: 3, users: 2, items: 2 });
    expect(await printOf([])).toEqual({ rows: 0, users: 0, items: 0, fingerprint: "0-0" });
  });

  test("is that of the same rows in whatever order", async () => {
    expect(await printOf([third, first, second])).toEqual(await printOf([first, second, third]));
  });

  test.each([
    ["user", [3, 10, 4, 1, at(3)]],
    ["item", [2, 20, 4, 1, at(3)]],
    ["rating", [2, 10, 4.5, 1, at(3)]],
    ["label", [2, 10, 4, 0, at(3)]],
    ["time", [2, 10, 4, 1, at(3, 1)]],
  ])("differs where one row has another %s", async (_what, other) => {
    const before = await printOf([first, second, third]);
    const after = await printOf([first, second, other]);
    expect(after?.["fingerprint"]).not.toBe(before?.["fingerprint"]);
  });

  test("differs where a row stands twice", async () => {
    const once = await printOf([first, second]);
    const twice = await printOf([first, second, second]);
    expect(twice?.["fingerprint"]).not.toBe(once?.["fingerprint"]);
  });
});
