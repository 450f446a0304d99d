import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { sqlFile } from "../../src/tables/sql-file.ts";
import { answer, at, makeTable } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(memory.dir, name);
  await writeFile(path, content);
  return path;
}

const ratingsText = "user_id varchar, item_id varchar, rating varchar, epoch_s varchar";
const sourceInteractions =
  "user_id integer, item_id integer, rating float, ts timestamp, file_row bigint";
const range = { min_rating: 0.5, max_rating: 5 };

describe("the lines of a ratings file as text, in file order", () => {
  const lines = [
    { user_id: "2", item_id: "1193", rating: "5", epoch_s: "978300760" },
    { user_id: "1", item_id: "661", rating: "3", epoch_s: "978302109" },
  ];

  test.each([
    {
      statement: "ingest/ratings_ml_1m",
      content: "2::1193::5::978300760\n1::661::3::978302109\n",
    },
    {
      statement: "ingest/ratings_ml_100k",
      content: "2\t1193\t5\t978300760\n1\t661\t3\t978302109\n",
    },
  ])(
    "$statement reads plain text, gzip, Windows line ends, a last line without end",
    async (layout) => {
      const { statement, content } = layout;
      const read = async (name: string, text: string | Uint8Array) =>
        memory.db.rows(sqlFile(statement), { path: await file(name, text) });
      expect(await read("plain", content)).toEqual(lines);
      expect(await read("zipped.gz", gzipSync(content))).toEqual(lines);
      expect(await read("windows", content.replaceAll("\n", "\r\n"))).toEqual(lines);
      expect(await read("cut", content.trimEnd())).toEqual(lines);
    },
  );

  test.each([
    { statement: "ingest/ratings_ml_1m", content: "1::2\n" },
    { statement: "ingest/ratings_ml_100k", content: "1\t2\n" },
  ])("$statement pads a short line with nulls, to be reported later", async (layout) => {
    const path = await file("ratings", layout.content);
    expect(await memory.db.rows(sqlFile(layout.statement), { path })).toEqual([
      { user_id: "1", item_id: "2", rating: null, epoch_s: null },
    ]);
  });
});

test("ingest/ratings_ml_csv names the columns of a rating file", async () => {
  const columns = "column0 varchar, column1 varchar, column2 varchar, column3 varchar";
  await makeTable(memory.db, "ratings_csv", columns, [["1", "661", "3", null]]);
  expect(await memory.db.rows(sqlFile("ingest/ratings_ml_csv"))).toEqual([
    { user_id: "1", item_id: "661", rating: "3", epoch_s: null },
  ]);
});

describe("ingest/ratings_typed", () => {
  const typed = async (row: readonly (string | null)[]) => {
    await makeTable(memory.db, "ratings_text", ratingsText, [row]);
    const [answered] = await answer(memory.db, "ingest/ratings_typed", range);
    return answered;
  };
  const good = { user_id: 7, item_id: 9, rating: 4.5, ts: at(1, 1) };

  test("numbers, half stars and seconds since 1970 in UTC", async () => {
    // 2000-01-01 00:00:00 UTC is second 946,684,800.
    expect(await typed(["7", "9", "4.5", "946684801"])).toEqual(good);
  });

  test.each([
    { column: "user_id", place: 0, texts: ["x", "0", "-1", "1.5", "2147483648", "1 2", null] },
    { column: "item_id", place: 1, texts: ["x", "0", "-1", "1.5", "2147483648", "", null] },
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
  test("each kind of fault with its line, after a header, and how many there are", async () => {
    await makeTable(memory.db, "ratings_text", ratingsText, [
      ["1", "2", "5", "978300760"], // line 2, no fault
      ["1", "2", "5", null],
      ["x", "2", "5", "978300760"],
      ["1", "1.5", "5", "978300760"],
      ["1", "2", "five", "978300760"],
      ["1", "2", "6", "978300760"],
      ["1", "2", "5", "yesterday"],
      ["1", "3", "5", "978300761"], // line 9, no fault
    ]);
    await memory.db.run(`create table ratings_typed as ${sqlFile("ingest/ratings_typed")}`, range);
    await memory.db.run(
      "create view ratings_judged as select *, rowid as file_row from ratings_typed",
    );
    const params = { ...range, first_line: 2, limit: 10 };
    const rows = await memory.db.rows(sqlFile("ingest/rating_faults"), params);
    expect(rows.map(({ line, reason }) => `${String(line)}: ${String(reason)}`)).toEqual([
      "3: lacks one of its 4 fields (user, item, rating, time)",
      "4: the user id 'x' is not an integer from 1 to 2147483647",
      "5: the item id '1.5' is not an integer from 1 to 2147483647",
      "6: the rating 'five' is not a number",
      "7: the rating 6 is outside 0.5 to 5",
      "8: the time 'yesterday' is not in seconds since 1970",
    ]);
    expect(rows[0]).toMatchObject({ content: "1 | 2 | 5", faults: 6 });
    const two = await memory.db.rows(sqlFile("ingest/rating_faults"), { ...params, limit: 2 });
    expect(two.map(({ line, faults }) => [line, faults])).toEqual([
      [3, 6],
      [4, 6],
    ]);
  });
});

describe("the lines of an item file", () => {
  test("ingest/items_ml_1m", async () => {
    const path = await file(
      "movies.dat",
      "1::Toy Story (1995)::Animation|Children's|Comedy\n2::Untagged (2000)::\n",
    );
    expect(await answer(memory.db, "ingest/items_ml_1m", { path, encoding: "utf-8" })).toEqual([
      {
        item_id: "1",
        raw_title: "Toy Story (1995)",
        genres: ["Animation", "Children's", "Comedy"],
      },
      { item_id: "2", raw_title: "Untagged (2000)", genres: [] },
    ]);
  });

  test("ingest/items_ml_1m in latin-1", async () => {
    const path = await file(
      "movies.dat",
      Buffer.from("1::Misérables, Les (1995)::Drama\n", "latin1"),
    );
    const [row] = await answer(memory.db, "ingest/items_ml_1m", { path, encoding: "latin-1" });
    expect(row).toMatchObject({ raw_title: "Misérables, Les (1995)" });
  });

  test("ingest/items_ml_csv", async () => {
    await makeTable(memory.db, "items_csv", "column0 varchar, column1 varchar, column2 varchar", [
      ["1", "American President, The (1995)", "Comedy|Drama"],
      ["2", 'Say "Hi", Bob (2001)', "(no genres listed)"],
    ]);
    expect(await answer(memory.db, "ingest/items_ml_csv")).toEqual([
      { item_id: "1", raw_title: "American President, The (1995)", genres: ["Comedy", "Drama"] },
      { item_id: "2", raw_title: 'Say "Hi", Bob (2001)', genres: [] },
    ]);
  });

  test("ingest/items_ml_100k: flag k is genre k, and the flag for unknown is no genre", async () => {
    const flags = (...set: readonly number[]) =>
      Array.from({ length: 19 }, (_, k) => (set.includes(k) ? "1" : "0")).join("|");
    const path = await file(
      "u.item",
      [
        `1|First (1995)|01-Jan-1995||http://x|${flags(1, 18)}`,
        `2|Second (1996)|01-Jan-1996||http://x|${flags(4, 10, 15)}`,
        `3|unknown||||${flags(0)}`,
        "4|Cut off (1997)|01-Jan-1997||http://x|0|1",
        "5",
      ].join("\n"),
    );
    const rows = await answer(memory.db, "ingest/items_ml_100k", { path, encoding: "latin-1" });
    expect(rows).toEqual([
      { item_id: "1", raw_title: "First (1995)", genres: ["Action", "Western"] },
      { item_id: "2", raw_title: "Second (1996)", genres: ["Children's", "Film-Noir", "Sci-Fi"] },
      { item_id: "3", raw_title: "unknown", genres: [] },
      { item_id: "4", raw_title: "Cut off (1997)", genres: null },
      { item_id: "5", raw_title: null, genres: null },
    ]);
  });
});

const sourceTitles = "item_id varchar, raw_title varchar, genres varchar[]";

describe("ingest/item_faults", () => {
  test("each kind of fault with its line", async () => {
    await makeTable(memory.db, "source_titles", sourceTitles, [
      ["1", "A", []], // line 1
      ["x", "B", []],
      ["0", "B", []],
      ["1.5", "B", []],
      ["3", null, []],
      ["4", "Cut", null],
      ["1", "A again", []],
      ["2", "C", []], // line 8
    ]);
    const rows = await memory.db.rows(sqlFile("ingest/item_faults"), { first_line: 1, limit: 9 });
    expect(rows).toEqual(
      [
        [2, "x | B", "the item id 'x' is not an integer from 1 to 2147483647"],
        [3, "0 | B", "the item id '0' is not an integer from 1 to 2147483647"],
        [4, "1.5 | B", "the item id '1.5' is not an integer from 1 to 2147483647"],
        [5, "3", "lacks fields, or has too many"],
        [6, "4 | Cut", "lacks fields, or has too many"],
        [7, "1 | A again", "repeats the item of line 1"],
      ].map(([line, content, reason]) => ({ line, content, reason, faults: 6 })),
    );
  });
});

describe("ingest/items", () => {
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
    await makeTable(memory.db, "source_titles", sourceTitles, [["8", raw, ["Drama", "War"]]]);
    expect(await answer(memory.db, "ingest/items")).toEqual([
      { item_id: 8, title, year, attributes: { genre: ["Drama", "War"] } },
    ]);
  });

  test("an item without genres has no attributes", async () => {
    await makeTable(memory.db, "source_titles", sourceTitles, [["8", "A (1990)", []]]);
    const [row] = await answer(memory.db, "ingest/items");
    expect(row).toMatchObject({ attributes: {} });
  });
});

describe("the lines of a user file", () => {
  test("ingest/users_ml_1m spells the codes out, and keeps those it does not know", async () => {
    const path = await file(
      "users.dat",
      "1::F::1::10::48067\n2::M::56::0::70072\n3::M::77::99::0\n",
    );
    expect(await answer(memory.db, "ingest/users_ml_1m", { path })).toEqual([
      {
        user_id: "1",
        attributes: { gender: ["F"], age: ["under 18"], occupation: ["K-12 student"] },
      },
      {
        user_id: "2",
        attributes: { gender: ["M"], age: ["56 or over"], occupation: ["other"] },
      },
      { user_id: "3", attributes: { gender: ["M"], age: ["77"], occupation: ["99"] } },
    ]);
  });

  test("ingest/users_ml_100k", async () => {
    const path = await file("u.user", "1|24|M|technician|85711\n");
    expect(await answer(memory.db, "ingest/users_ml_100k", { path })).toEqual([
      { user_id: "1", attributes: { gender: ["M"], age: ["24"], occupation: ["technician"] } },
    ]);
  });
});

describe("ingest/user_faults", () => {
  test("each kind of fault with its line", async () => {
    const columns = "user_id varchar, attributes map(varchar, varchar[])";
    const users = ["1", "x", null, "2", "1"];
    await makeTable(
      memory.db,
      "users_text",
      columns,
      users.map((user) => [user, {}]),
    );
    const rows = await memory.db.rows(sqlFile("ingest/user_faults"), { first_line: 1, limit: 9 });
    expect(rows).toEqual([
      {
        line: 2,
        content: "x",
        reason: "the user id 'x' is not an integer from 1 to 2147483647",
        faults: 3,
      },
      { line: 3, content: "", reason: "lacks the user id", faults: 3 },
      { line: 5, content: "1", reason: "repeats the user of line 1", faults: 3 },
    ]);
  });
});

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
