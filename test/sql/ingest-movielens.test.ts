import { describe, expect, test } from "vitest";
import { sqlFile } from "../../src/tables/sql-file.ts";
import { answer, at, makeTable, type Cell } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

/** A table of records as they are read from a file of so many fields. */
async function makeRecords(
  name: string,
  width: number,
  rows: readonly (readonly Cell[])[],
): Promise<void> {
  const fields = Array.from({ length: width }, (_, place) => `c${place} varchar`).join(", ");
  await makeTable(memory.db, name, `line bigint, fault varchar, content varchar, ${fields}`, rows);
}

const range = { min_rating: 0.5, max_rating: 5 };

describe("ingest/ratings_typed", () => {
  const typed = async (row: readonly (string | null)[], line: number | null = null) => {
    await makeRecords("ratings_text", 4, [[line, null, null, ...row]]);
    const [answered] = await answer(memory.db, "ingest/ratings_typed", range);
    return answered;
  };
  const good = { line: null, user_id: 7, item_id: 9, rating: 4.5, ts: at(1, 1) };

  test("numbers, half stars and seconds since 1970 in UTC", async () => {
    // 2000-01-01 00:00:00 UTC is second 946,684,800.
    expect(await typed(["7", "9", "4.5", "946684801"])).toEqual(good);
  });

  test("the line of a record that has one stays with it", async () => {
    expect(await typed(["7", "9", "4.5", "946684801"], 12)).toEqual({ ...good, line: 12 });
  });

  test.each([
    {
      column: "user_id",
      place: 0,
      texts: ["x", "0", "-1", "1.5", "1e3", "0x10", "1_0", "2147483648", "1 2", null],
    },
    {
      column: "item_id",
      place: 1,
      texts: ["x", "0", "-1", "1.5", "1e3", "0x10", "1_0", "2147483648", "", null],
    },
    { column: "rating", place: 2, texts: ["x", "0", "5.5", "-3", "nan", "inf", null] },
    { column: "ts", place: 3, texts: ["x", "-1", "32503680001", "2000-01-01", null] },
  ])("$column is null where the text is none, and only it", async ({ column, place, texts }) => {
    for (const text of texts) {
      const row: (string | null)[] = ["7", "9", "4.5", "946684801"];
      row[place] = text;
      expect(await typed(row), String(text)).toEqual({ ...good, [column]: null });
    }
  });
});

describe("ingest/rating_faults", () => {
  const faults = async (rows: readonly (readonly Cell[])[], firstLine: number) => {
    await makeRecords("ratings_text", 4, rows);
    await memory.db.run(
      `create or replace table ratings_typed as ${sqlFile("ingest/ratings_typed")}`,
      range,
    );
    await memory.db.run(
      `create or replace view ratings_judged as
         select *, rowid as place, coalesce(line - ${firstLine}, rowid) as file_row from ratings_typed`,
    );
    return answer(memory.db, "ingest/rating_faults", { ...range, first_line: firstLine });
  };

  test("each kind of fault with its line, after a header", async () => {
    const texts = [
      ["1", "2", "5", "978300760"], // line 2, no fault
      ["1", "2", "5", null],
      ["x", "2", "5", "978300760"],
      ["1", "1.5", "5", "978300760"],
      ["1", "2", "five", "978300760"],
      ["1", "2", "6", "978300760"],
      ["1", "2", "5", "yesterday"],
      ["1", "3", "5", "978300761"], // line 9, no fault
    ];
    const rows = await faults(
      texts.map((text) => [null, null, null, ...text]),
      2,
    );
    expect(rows.map(({ line, reason }) => `${String(line)}: ${String(reason)}`)).toEqual([
      "3: lacks one of its 4 fields (user, item, rating, time)",
      "4: the user id 'x' is not an integer from 1 to 2147483647",
      "5: the item id '1.5' is not an integer from 1 to 2147483647",
      "6: the rating 'five' is not a number",
      "7: the rating 6 is outside 0.5 to 5",
      "8: the time 'yesterday' is not in seconds since 1970",
    ]);
    expect(rows.map(({ content }) => content)).toEqual([
      "1 | 2 | 5",
      "x | 2 | 5 | 978300760",
      "1 | 1.5 | 5 | 978300760",
      "1 | 2 | five | 978300760",
      "1 | 2 | 6 | 978300760",
      "1 | 2 | 5 | yesterday",
    ]);
  });

  test("a record that could not be split has the fault, content and line it was read with", async () => {
    const rows = await faults(
      [
        [1, null, null, "1", "2", "5", "978300760"],
        [4, "the line lacks fields", "1::2", null, null, null, null],
        [7, null, null, "1", "2", "9", "978300760"],
      ],
      1,
    );
    expect(rows).toEqual([
      { line: 4, content: "1::2", reason: "the line lacks fields" },
      { line: 7, content: "1 | 2 | 9 | 978300760", reason: "the rating 9 is outside 0.5 to 5" },
    ]);
  });
});

/** A line of a file that could not be read. */
const unreadable = [9, "the line is not UTF-8", "\uFFFD"];

describe("the records of an item file", () => {
  test("ingest/items_ml_1m: a title may hold the separator, a line without three fields is faulty", async () => {
    const lines = [
      "1::Toy Story (1995)::Animation|Children's|Comedy",
      "2::Untagged (2000)::",
      "3::Part 2:: Again (2001)::(no genres listed)",
      "4::Cut off (2002)",
    ];
    await makeRecords("item_records", 1, [
      ...lines.map((text, place) => [place + 1, null, null, text]),
      [...unreadable, null],
    ]);
    expect(await answer(memory.db, "ingest/items_ml_1m")).toMatchObject([
      {
        ...{ line: 1, fault: null, content: lines[0], item_id: "1" },
        ...{ raw_title: "Toy Story (1995)", genres: ["Animation", "Children's", "Comedy"] },
      },
      {
        ...{ line: 2, fault: null, content: lines[1], item_id: "2" },
        ...{ raw_title: "Untagged (2000)", genres: [] },
      },
      {
        ...{ line: 3, fault: null, content: lines[2], item_id: "3" },
        ...{ raw_title: "Part 2:: Again (2001)", genres: [] },
      },
      { line: 4, fault: "the line lacks fields", content: lines[3] },
      { line: 9, fault: "the line is not UTF-8", content: "\uFFFD" },
    ]);
  });

  test("ingest/items_ml_csv", async () => {
    await makeRecords("item_records", 3, [
      [2, null, null, "1", "American President, The (1995)", "Comedy|Drama"],
      [3, null, null, "2", 'Say "Hi", Bob (2001)', "(no genres listed)"],
      [4, null, null, "3", "Untagged (2000)", null],
      [...unreadable, null, null, null],
    ]);
    expect(await answer(memory.db, "ingest/items_ml_csv")).toMatchObject([
      {
        ...{ line: 2, fault: null, content: "1 | American President, The (1995) | Comedy|Drama" },
        ...{ item_id: "1", raw_title: "American President, The (1995)" },
        genres: ["Comedy", "Drama"],
      },
      { line: 3, fault: null, item_id: "2", raw_title: 'Say "Hi", Bob (2001)', genres: [] },
      { line: 4, fault: null, content: "3 | Untagged (2000)", item_id: "3", genres: [] },
      { line: 9, fault: "the line is not UTF-8", content: "\uFFFD" },
    ]);
  });

  test("ingest/items_ml_100k: flag k is genre k, and the flag for unknown is no genre", async () => {
    const flags = (...set: readonly number[]) =>
      Array.from({ length: 19 }, (_, k) => (set.includes(k) ? "1" : "0")).join("|");
    const lines = [
      `1|First (1995)|01-Jan-1995||http://x|${flags(1, 18)}`,
      `2|Second (1996)|01-Jan-1996||http://x|${flags(4, 10, 15)}`,
      `3|unknown||||${flags(0)}`,
      "4|Cut off (1997)|01-Jan-1997||http://x|0|1",
      "5",
      `6|Split | in two (1998)|01-Jan-1998||http://x|${flags(1)}`,
    ];
    await makeRecords("item_records", 1, [
      ...lines.map((text, place) => [place + 1, null, null, text]),
      [...unreadable, null],
    ]);
    const rows = await answer(memory.db, "ingest/items_ml_100k");
    expect(rows.slice(0, 3)).toEqual([
      {
        ...{ line: 1, fault: null, content: lines[0], item_id: "1" },
        ...{ raw_title: "First (1995)", genres: ["Action", "Western"] },
      },
      {
        ...{ line: 2, fault: null, content: lines[1], item_id: "2" },
        ...{ raw_title: "Second (1996)", genres: ["Children's", "Film-Noir", "Sci-Fi"] },
      },
      {
        ...{ line: 3, fault: null, content: lines[2], item_id: "3" },
        ...{ raw_title: "unknown", genres: [] },
      },
    ]);
    expect(rows.slice(3).map(({ line, fault, content }) => [line, fault, content])).toEqual([
      [4, "the line has 7 fields instead of 24", lines[3]],
      [5, "the line has 1 fields instead of 24", lines[4]],
      [6, "the line has 25 fields instead of 24", lines[5]],
      [9, "the line is not UTF-8", "\uFFFD"],
    ]);
  });
});

const judged = async (statement: string): Promise<readonly (readonly unknown[])[]> =>
  (await answer(memory.db, statement)).map(({ line, reason }) => [line, reason]);

describe("ingest/items_judged", () => {
  const columns =
    "line bigint, fault varchar, content varchar, item_id varchar, raw_title varchar, genres varchar[]";

  test("each kind of fault with its line", async () => {
    await makeTable(memory.db, "source_titles", columns, [
      [1, null, "1::A::", "1", "A", []],
      [2, null, "x::B::", "x", "B", []],
      [3, null, "0::B::", "0", "B", []],
      [4, null, "1.5::B::", "1.5", "B", []],
      [5, null, "2147483648::B::", "2147483648", "B", []],
      [6, null, "::B::", "", "B", []],
      [7, null, "::B::", null, "B", []],
      [8, null, "3::::", "3", "", []],
      [9, null, "3:: ::", "3", " ", []],
      [10, null, "3::::", "3", null, []],
      [11, "the line lacks fields", "4::Cut", "4", "Cut", null],
      [12, null, "01::A again::", "01", "A again", []],
      [14, null, "2147483647::C::", "2147483647", "C", []],
    ]);
    const outside = (id: string) => `the item id '${id}' is not an integer from 1 to 2147483647`;
    expect(await judged("ingest/items_judged")).toEqual([
      [1, null],
      [2, outside("x")],
      [3, outside("0")],
      [4, outside("1.5")],
      [5, outside("2147483648")],
      [6, "the item id is missing"],
      [7, "the item id is missing"],
      [8, "the title is missing"],
      [9, "the title is missing"],
      [10, "the title is missing"],
      [11, "the line lacks fields"],
      [12, "repeats the item of line 1"],
      [14, null],
    ]);
  });

  test("a line repeats the first valid one of its item, wherever it was read", async () => {
    await makeTable(memory.db, "source_titles", columns, [
      [5, null, "2::C::", "2", "C", []],
      [2, "the line lacks fields", "2::A", "2", "A", []],
      [3, null, "2::B::War", "2", "B", ["War"]],
    ]);
    expect(await answer(memory.db, "ingest/items_judged")).toEqual([
      {
        ...{ line: 2, content: "2::A", item_id: 2, raw_title: "A", genres: [] },
        reason: "the line lacks fields",
      },
      {
        ...{ line: 3, content: "2::B::War", item_id: 2, raw_title: "B", genres: ["War"] },
        reason: null,
      },
      {
        ...{ line: 5, content: "2::C::", item_id: 2, raw_title: "C", genres: [] },
        reason: "repeats the item of line 3",
      },
    ]);
  });
});

describe("ingest/items", () => {
  const columns = "item_id integer, raw_title varchar, genres varchar[], reason varchar";

  test.each([
    ["Usual Suspects, The (1995)", "The Usual Suspects", 1995],
    ["American in Paris, An (1951)", "An American in Paris", 1951],
    ["Bronx Tale, A (1993)", "A Bronx Tale", 1993],
    // The second name in brackets stays behind, the article of the first comes to the front.
    ["City of Lost Children, The (Cité, La) (1995)", "The City of Lost Children (Cité, La)", 1995],
    ["Postino, Il (The Postman) (1994)", "Postino, Il (The Postman)", 1994],
    ["Then, Thereafter (1990)", "Then, Thereafter", 1990],
    ["2001: A Space Odyssey (1968)", "2001: A Space Odyssey", 1968],
    ["A Series (2009-2012)", "A Series", 2009],
    ["Trailing Space (1999) ", "Trailing Space", 1999],
    ["unknown", "unknown", null],
  ])("%s", async (raw, title, year) => {
    await makeTable(memory.db, "items_judged", columns, [[8, raw, ["Drama", "War"], null]]);
    expect(await answer(memory.db, "ingest/items")).toEqual([
      { item_id: 8, title, year, attributes: { genre: ["Drama", "War"] } },
    ]);
  });

  test("an item without genres has no attributes", async () => {
    await makeTable(memory.db, "items_judged", columns, [[8, "A (1990)", [], null]]);
    const [row] = await answer(memory.db, "ingest/items");
    expect(row).toMatchObject({ attributes: {} });
  });

  test("a line with a fault is no item", async () => {
    await makeTable(memory.db, "items_judged", columns, [
      [8, "A (1990)", [], null],
      [8, "B (1990)", [], "repeats the item of line 1"],
      [null, "C (1990)", [], "the item id is missing"],
    ]);
    const rows = await answer(memory.db, "ingest/items");
    expect(rows.map(({ item_id, title }) => [item_id, title])).toEqual([[8, "A"]]);
  });
});

describe("the records of a user file", () => {
  test("ingest/users_ml_1m spells the codes out, and keeps those it does not know", async () => {
    await makeRecords("user_records", 5, [
      [1, null, null, "1", "F", "1", "10", "48067"],
      [2, null, null, "2", "M", "56", "0", "70072"],
      [3, null, null, "3", "M", "77", "99", "0"],
      [4, null, null, "4", "F", "50", "20", "55113"],
      [...unreadable, null, null, null, null, null],
    ]);
    const rows = await answer(memory.db, "ingest/users_ml_1m");
    expect(rows.map(({ line, content, attributes }) => [line, content, attributes])).toEqual([
      [
        ...[1, "1::F::1::10::48067"],
        { gender: ["F"], age: ["under 18"], occupation: ["K-12 student"] },
      ],
      [...[2, "2::M::56::0::70072"], { gender: ["M"], age: ["56 or over"], occupation: ["other"] }],
      [3, "3::M::77::99::0", { gender: ["M"], age: ["77"], occupation: ["99"] }],
      [4, "4::F::50::20::55113", { gender: ["F"], age: ["50-55"], occupation: ["writer"] }],
      [9, "\uFFFD", expect.anything()],
    ]);
    expect(rows.map(({ user_id, fault }) => [user_id, fault])).toEqual([
      ...[1, 2, 3, 4].map((id) => [String(id), null]),
      [null, "the line is not UTF-8"],
    ]);
  });

  test("ingest/users_ml_100k", async () => {
    await makeRecords("user_records", 5, [
      [1, null, null, "1", "24", "M", "technician", "85711"],
      [...unreadable, null, null, null, null, null],
    ]);
    expect(await answer(memory.db, "ingest/users_ml_100k")).toMatchObject([
      {
        ...{ line: 1, fault: null, content: "1|24|M|technician|85711", user_id: "1" },
        attributes: { gender: ["M"], age: ["24"], occupation: ["technician"] },
      },
      { line: 9, fault: "the line is not UTF-8", content: "\uFFFD", user_id: null },
    ]);
  });
});

describe("ingest/users_judged", () => {
  test("each kind of fault with its line, and what is not judged as it was", async () => {
    const columns =
      "line bigint, fault varchar, content varchar, user_id varchar, attributes map(varchar, varchar[])";
    const gender = (letter: string) => ({ gender: [letter] });
    await makeTable(memory.db, "users_text", columns, [
      [1, "the line lacks fields", "1::F", "1", {}],
      [2, null, "1::F::", "1", gender("F")],
      [3, null, "x::F::", "x", {}],
      [4, null, "-1::F::", "-1", {}],
      [5, null, "::F::", null, {}],
      [6, null, "::F::", "", {}],
      [8, null, "2::M::", "2", gender("M")],
      [9, null, "01::M::", "01", gender("M")],
    ]);
    expect(await judged("ingest/users_judged")).toEqual([
      [1, "the line lacks fields"],
      [2, null],
      [3, "the user id 'x' is not an integer from 1 to 2147483647"],
      [4, "the user id '-1' is not an integer from 1 to 2147483647"],
      [5, "the user id is missing"],
      [6, "the user id is missing"],
      [8, null],
      [9, "repeats the user of line 2"],
    ]);
    const valid = (await answer(memory.db, "ingest/users_judged")).filter(
      ({ reason }) => reason === null,
    );
    expect(valid).toEqual([
      { line: 2, content: "1::F::", user_id: 1, attributes: gender("F"), reason: null },
      { line: 8, content: "2::M::", user_id: 2, attributes: gender("M"), reason: null },
    ]);
  });
});
