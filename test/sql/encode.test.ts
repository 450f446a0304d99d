import { describe, expect, test } from "vitest";
import { sqlFile } from "../../src/tables/sql-file.ts";
import { makeRunTable, makeTable, type Cell } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

describe.each(["user", "item"] as const)("encode/user_texts and encode/item_texts", (subject) => {
  test(`encode/${subject}_texts: each ${subject}'s final texts, by id and sample; none for one that failed`, async () => {
    const id = `${subject}_id`;
    const actor = { role: "actor", sample: 0, round: 0 };
    await makeRunTable(memory.db, `${subject}_knowledge`, [
      { ...actor, [id]: 3, text: "first", is_final: false },
      { ...actor, [id]: 3, role: "reflector", text: "judgement", is_final: false },
      { ...actor, [id]: 3, round: 1, text: "refined", is_final: true },
      { ...actor, [id]: 1, text: "only", is_final: true },
      { ...actor, [id]: 2, is_final: false, error: "too short" },
      { ...actor, [id]: 4, text: "half", is_final: true, error: "cut off" },
      { ...actor, [id]: 0, sample: 2, text: "third", is_final: true },
      { ...actor, [id]: 0, sample: 1, text: "second", is_final: false },
      { ...actor, [id]: 0, sample: 0, text: "zeroth", is_final: true },
    ]);
    expect(await memory.db.rows(sqlFile(`encode/${subject}_texts`))).toEqual([
      { subject_id: 0, text: "zeroth" },
      { subject_id: 0, text: "third" },
      { subject_id: 1, text: "only" },
      { subject_id: 3, text: "refined" },
    ]);
  });
});

describe("encode/text_totals", () => {
  test("final texts without an error, equal ones once", async () => {
    await makeRunTable(memory.db, "user_knowledge", [
      { user_id: 1, text: "four", is_final: true },
      { user_id: 2, text: "four", is_final: true },
      { user_id: 3, text: "draft", is_final: false },
    ]);
    await makeRunTable(memory.db, "item_knowledge", [
      { item_id: 1, text: "seventh", is_final: true },
      { item_id: 2, text: "four", is_final: true },
      { item_id: 3, text: "half", is_final: true, error: "cut off" },
    ]);
    const [found] = await memory.db.rows(sqlFile("encode/text_totals"));
    expect(found).toMatchObject({ texts: 2, characters: 11 });
    expect(new Set(found?.["some_texts"] as readonly string[])).toEqual(
      new Set(["four", "seventh"]),
    );
  });

  test("says so when there is nothing", async () => {
    await makeRunTable(memory.db, "user_knowledge", []);
    await makeRunTable(memory.db, "item_knowledge", []);
    expect(await memory.db.rows(sqlFile("encode/text_totals"))).toEqual([
      { texts: 0, characters: 0, some_texts: [] },
    ]);
  });
});

describe("encode/liked_items", () => {
  test("what less active users rated above the threshold, the latest first, with its place", async () => {
    await makeRunTable(memory.db, "user_tiers", [
      { user_id: 1, is_active: true },
      { user_id: 2, is_active: false },
      { user_id: 3, is_active: false },
      { user_id: 4, is_active: false },
    ]);
    await makeRunTable(memory.db, "user_contexts", [
      { user_id: 4, history_items: [7], history_ratings: [3.5] },
      { user_id: 3, history_items: [9, 8, 7, 9], history_ratings: [4, 5, 3, 4] },
      { user_id: 2, history_items: [], history_ratings: [] },
      { user_id: 1, history_items: [9], history_ratings: [5] },
    ]);
    expect(await memory.db.rows(sqlFile("encode/liked_items"), { positive_above: 3.5 })).toEqual([
      { user_id: 3, item_id: 9, places_before_last: 0 },
      { user_id: 3, item_id: 8, places_before_last: 2 },
      { user_id: 3, item_id: 9, places_before_last: 3 },
    ]);
  });
});

describe("encode/item_vectors and encode/item_vector_widths", () => {
  test("vectors by item, and how many of each width there are by encoder", async () => {
    await makeRunTable(memory.db, "item_embeddings", [
      { item_id: 3, encoder: "b", vector: [1, 2] },
      { item_id: 2, encoder: "a", encoder_hash: "0f", vector: [0.5, 1] },
      { item_id: 4, encoder: "a" },
      { item_id: 1, encoder: "a", vector: [3, 4] },
      { item_id: 5, encoder: "a", vector: [1] },
    ]);
    expect(await memory.db.rows(sqlFile("encode/item_vectors"))).toEqual([
      { item_id: 1, vector: [3, 4] },
      { item_id: 2, vector: [0.5, 1] },
      { item_id: 3, vector: [1, 2] },
      { item_id: 5, vector: [1] },
    ]);
    expect(await memory.db.rows(sqlFile("encode/item_vector_widths"))).toEqual([
      { encoder: "a", encoder_hash: "0f", width: 2, vectors: 1 },
      { encoder: "a", encoder_hash: null, width: 1, vectors: 1 },
      { encoder: "a", encoder_hash: null, width: 2, vectors: 1 },
      { encoder: "b", encoder_hash: null, width: 2, vectors: 1 },
    ]);
  });
});

describe("texts of a file", () => {
  const columns = "row bigint, id varchar, subject_id integer, text varchar";

  test("encode/text_faults: rows without an id or without a text, in the file's order", async () => {
    await makeTable(memory.db, "given", columns, [
      [1, "7", 7, "fine"],
      [4, "9", 9, " \t"],
      [2, null, null, "no id"],
      [3, "7.5", 3, "fine"],
      [5, "8", 8, null],
    ]);
    expect(await memory.db.rows(sqlFile("encode/text_faults"))).toEqual([
      { row: 2, id: null, fault: "no id" },
      { row: 4, id: "9", fault: "no text" },
      { row: 5, id: "8", fault: "no text" },
    ]);
  });

  test("encode/text_ranges and encode/text_part: whole ids, about as many texts a part as asked for", async () => {
    await makeTable(memory.db, "given", columns, [
      [1, "5", 5, "a"],
      [2, "1", 1, "b"],
      [3, "5", 5, "c"],
      [4, "5", 5, "d"],
      [5, "9", 9, "e"],
    ]);
    const ranges = await memory.db.rows(sqlFile("encode/text_ranges"), { part_texts: 2 });
    expect(ranges).toEqual([
      { first_id: 1, last_id: 1 },
      { first_id: 5, last_id: 5 },
      { first_id: 9, last_id: 9 },
    ]);
    const part = `select * from (${sqlFile("encode/text_part")}) order by row`;
    expect(await memory.db.rows(part, { first_id: 5, last_id: 8 })).toEqual([
      { subject_id: 5, row: 1, text: "a" },
      { subject_id: 5, row: 3, text: "c" },
      { subject_id: 5, row: 4, text: "d" },
    ]);
  });

  test("encode/given_texts: those of one id next to each other, in the file's order", async () => {
    await makeRunTable(memory.db, "texts", [
      { subject_id: 5, row: 3, text: "c" },
      { subject_id: 2, row: 2, text: "b" },
      { subject_id: 5, row: 1, text: "a" },
    ]);
    expect(await memory.db.rows(sqlFile("encode/given_texts"))).toEqual([
      { subject_id: 2, text: "b" },
      { subject_id: 5, text: "a" },
      { subject_id: 5, text: "c" },
    ]);
  });
});

describe("encode/import_faults and encode/import_counts", () => {
  const given = (rows: readonly (readonly Cell[])[]): Promise<void> =>
    makeTable(
      memory.db,
      "given",
      "file varchar, row bigint, id varchar, number integer, vector double[]",
      rows.map(([file = null, row = null, id = null, vector = null]) => {
        const isLarge = typeof id === "number" && id > 2 ** 31;
        return [file, row, id, typeof id === "number" && !isLarge ? id : null, vector];
      }),
    );
  const faults = async (is_numbered = false): Promise<readonly unknown[]> =>
    (await memory.db.rows(sqlFile("encode/import_faults"), { is_numbered })).map((row) => [
      row["fault"],
      row["file"],
      row["row"],
    ]);

  test("finds nothing in vectors of one width, one a subject", async () => {
    await given([
      ["a", 1, 7, [1, 2]],
      ["a", 2, -3, [0, 0]],
      ["b", 1, 8, [1e30, -2.5]],
    ]);
    expect(await faults()).toEqual([]);
  });

  test("says of each row what is wrong first, in the order of files and rows", async () => {
    await given([
      ["b", 1, 7, [3, 4]],
      ["a", 7, 7, [1, null]],
      ["a", 6, 5, []],
      ["a", 5, 4, null],
      ["a", 4, 3_000_000_000, [1, 2]],
      ["a", 3, null, [1, 2]],
      ["a", 2, 7, [1, 2, 3]],
      ["a", 1, 9, [1, 2]],
      ["b", 2, 10, [1e39, 0]],
    ]);
    expect(await faults()).toEqual([
      ["width", "a", 2],
      ["no id", "a", 3],
      ["large id", "a", 4],
      ["no vector", "a", 5],
      ["no vector", "a", 6],
      ["number", "a", 7],
      ["duplicate", "b", 1],
      ["number", "b", 2],
    ]);
    const [width, , , , , number, duplicate] = await memory.db.rows(
      sqlFile("encode/import_faults"),
      { is_numbered: false },
    );
    expect(width).toMatchObject({ id: "7", width: 3, first_width: 2 });
    expect(number).toMatchObject({ id: "7", bad_place: 2, bad_value: null });
    expect(duplicate).toMatchObject({ id: "7", first_file: "a", first_row: 2 });
  });

  test("with a dictionary any id may be unknown, and unknown ones may not repeat either", async () => {
    await given([
      ["a", 1, "x", [1]],
      ["a", 2, 3_000_000_000, [1]],
      ["a", 3, "x", [1]],
    ]);
    expect(await faults(true)).toEqual([["duplicate", "a", 3]]);
  });

  test("counts the rows, and those whose subject the run has", async () => {
    await makeTable(memory.db, "known", "number integer", [[7], [8]]);
    await given([
      ["a", 1, 7, [1]],
      ["a", 2, 9, [1]],
      ["b", 1, 8, [1]],
    ]);
    expect(await memory.db.rows(sqlFile("encode/import_counts"))).toEqual([
      { rows: 3, known_rows: 2, first_id: "7", first_file: "a", first_row: 1 },
    ]);
    await given([]);
    expect(await memory.db.rows(sqlFile("encode/import_counts"))).toEqual([
      { rows: 0, known_rows: 0, first_id: null, first_file: null, first_row: null },
    ]);
  });
});
