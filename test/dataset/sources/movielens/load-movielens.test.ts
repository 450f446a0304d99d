import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ingest } from "../../../../src/dataset/ingest/ingest-task.ts";
import type { Row } from "../../../../src/tables/database.ts";
import { quote } from "../../../../src/tables/quote.ts";
import { datasetTask, makeFolder, taskContext } from "../../../util/hand-made-task.ts";
import { at } from "../../../util/hand-made-table.ts";
import { useMemoryDatabase } from "../../../util/memory-database.ts";

const memory = useMemoryDatabase();

/** Ingests a folder of these files and reads the three tables as they were written. */
async function ingested(
  files: Readonly<Record<string, string | Uint8Array>>,
  settings: Readonly<Record<string, number>> = {},
): Promise<Readonly<Record<"interactions" | "items" | "users", readonly Row[]>>> {
  const path = await makeFolder(join(memory.dir, "source"), files);
  const config = { dataset: { source: "movielens", path, ...settings } };
  const run = await makeFolder(join(memory.dir, "run"), {});
  const written = await ingest(datasetTask("ingest", config), taskContext(run));
  expect(written.map((file) => file.table)).toEqual([
    ...["interactions", "items", "rejects", "ingest_counts", "users"],
  ]);
  const read = async (table: string): Promise<readonly Row[]> => {
    const file = written.find((candidate) => candidate.table === table);
    const rows = await memory.db.rows(`select * from read_parquet(${quote(file?.path ?? "")})`);
    expect(file?.rows).toBe(rows.length);
    return rows;
  };
  return {
    interactions: await read("interactions"),
    items: await read("items"),
    users: await read("users"),
  };
}

const second = 946_684_800; // 2000-01-01 00:00:00 UTC

describe("the ML-1M layout", () => {
  const files = {
    "ratings.dat": [
      `2::30::4::${second + 5}`,
      `1::10::3::${second + 9}`,
      `1::20::5::${second + 7}`,
      "",
    ].join("\n"),
    "movies.dat": Buffer.from(
      "10::Misérables, Les (1995)::Drama|Musical\n20::Usual Suspects, The (1995)::Crime|Thriller\n30::Amélie (2001)::Comedy\n40::Nobody Rated It (1950)::Film-Noir\n",
      "latin1",
    ),
    "users.dat": "1::F::1::10::48067\n2::M::56::16::70072\n3::M::25::15::55117\n",
  };
  const tables = {
    interactions: [
      { user_id: 2, item_id: 30, rating: 4, label: 1, ts: at(1, 5), file_row: 0 },
      { user_id: 1, item_id: 10, rating: 3, label: 0, ts: at(1, 9), file_row: 1 },
      { user_id: 1, item_id: 20, rating: 5, label: 1, ts: at(1, 7), file_row: 2 },
    ],
    items: [
      {
        item_id: 10,
        title: "Misérables, Les",
        year: 1995,
        attributes: { genre: ["Drama", "Musical"] },
      },
      {
        item_id: 20,
        title: "The Usual Suspects",
        year: 1995,
        attributes: { genre: ["Crime", "Thriller"] },
      },
      { item_id: 30, title: "Amélie", year: 2001, attributes: { genre: ["Comedy"] } },
      { item_id: 40, title: "Nobody Rated It", year: 1950, attributes: { genre: ["Film-Noir"] } },
    ],
    users: [
      {
        user_id: 1,
        attributes: { gender: ["F"], age: ["under 18"], occupation: ["K-12 student"] },
      },
      {
        user_id: 2,
        attributes: { gender: ["M"], age: ["56 or over"], occupation: ["self-employed"] },
      },
    ],
  };

  test("latin-1 titles, articles in front, ratings in file order, users who rated", async () => {
    expect(await ingested(files)).toEqual(tables);
  });

  test("ratings may be packed with gzip, and items written in UTF-8", async () => {
    const { "ratings.dat": ratings, "movies.dat": movies, ...others } = files;
    const packed = { "ratings.dat.gz": gzipSync(ratings) };
    const utf8 = { "movies.dat": movies.toString("latin1") };
    expect(await ingested({ ...packed, ...utf8, ...others })).toEqual(tables);
  });

  test("without users.dat (ML-10M) users have no attributes", async () => {
    const { "ratings.dat": ratings, "movies.dat": movies } = files;
    const { users } = await ingested({ "ratings.dat": ratings, "movies.dat": movies });
    expect(users).toEqual([
      { user_id: 1, attributes: {} },
      { user_id: 2, attributes: {} },
    ]);
  });

  test("positiveAbove moves the line between liked and not", async () => {
    const { interactions } = await ingested(files, { positiveAbove: 4 });
    expect(interactions.map((row) => row["label"])).toEqual([0, 0, 1]);
  });
});

describe("the ML-100K layout", () => {
  const flags = (...set: readonly number[]): string =>
    Array.from({ length: 19 }, (_, genre) => (set.includes(genre) ? 1 : 0)).join("|");

  test("genre flags become genres, tabs separate ratings", async () => {
    const tables = await ingested({
      "u.data": `7\t1\t3\t${second + 2}\n9\t2\t4\t${second + 1}\n`,
      "u.item": Buffer.from(
        [
          `1|Père, Le (1995)|01-Jan-1995||http://example.org/1|${flags(3, 4, 5)}`,
          `2|GoldenEye (1995)|01-Jan-1995||http://example.org/2|${flags(1, 2, 16)}`,
          `3|unknown||||${flags(0)}`,
          "",
        ].join("\n"),
        "latin1",
      ),
      "u.user": "7|57|M|administrator|91344\n9|29|F|artist|94043\n",
    });
    expect(tables).toEqual({
      interactions: [
        { user_id: 7, item_id: 1, rating: 3, label: 0, ts: at(1, 2), file_row: 0 },
        { user_id: 9, item_id: 2, rating: 4, label: 1, ts: at(1, 1), file_row: 1 },
      ],
      items: [
        {
          item_id: 1,
          title: "Père, Le",
          year: 1995,
          attributes: { genre: ["Animation", "Children's", "Comedy"] },
        },
        {
          item_id: 2,
          title: "GoldenEye",
          year: 1995,
          attributes: { genre: ["Action", "Adventure", "Thriller"] },
        },
        { item_id: 3, title: "unknown", year: null, attributes: {} },
      ],
      users: [
        {
          user_id: 7,
          attributes: { gender: ["M"], age: ["57"], occupation: ["administrator"] },
        },
        { user_id: 9, attributes: { gender: ["F"], age: ["29"], occupation: ["artist"] } },
      ],
    });
  });
});

describe("the CSV layout", () => {
  const files = {
    "ratings.csv": `userId,movieId,rating,timestamp\n1,11,3.5,${second + 1}\n1,12,0.5,${second + 2}\n`,
    "movies.csv": [
      "movieId,title,genres",
      '11,"American President, The (1995)",Comedy|Drama|Romance',
      '12,"Say ""Please"", Léon (1994)",(no genres listed)',
      "",
    ].join("\n"),
  };
  const tables = {
    interactions: [
      { user_id: 1, item_id: 11, rating: 3.5, label: 1, ts: at(1, 1), file_row: 0 },
      { user_id: 1, item_id: 12, rating: 0.5, label: 0, ts: at(1, 2), file_row: 1 },
    ],
    items: [
      {
        item_id: 11,
        title: "The American President",
        year: 1995,
        attributes: { genre: ["Comedy", "Drama", "Romance"] },
      },
      { item_id: 12, title: 'Say "Please", Léon', year: 1994, attributes: {} },
    ],
    users: [{ user_id: 1, attributes: {} }],
  };

  test("quoted titles with commas and quotes, half stars, no user file", async () => {
    expect(await ingested(files)).toEqual(tables);
  });

  test("both files may be packed with gzip", async () => {
    const packed = {
      "ratings.csv.gz": gzipSync(files["ratings.csv"]),
      "movies.csv.gz": gzipSync(files["movies.csv"]),
    };
    expect(await ingested(packed)).toEqual(tables);
  });

  test.each([
    [
      "other order",
      "movieId,timestamp,userId,rating",
      `11,${second + 1},1,3.5`,
      `12,${second + 2},1,0.5`,
    ],
    [
      "more columns",
      ",userId,movieId,rating,timestamp",
      `0,1,11,3.5,${second + 1}`,
      `1,1,12,0.5,${second + 2}`,
    ],
    [
      "a byte order mark, quotes, other case",
      '\uFEFF"userid","movieid","Rating","timestamp"',
      `"1","11","3.5",${second + 1}`,
      `1,12,0.5,${second + 2}`,
    ],
  ])("ratings are read by the names of their columns: %s", async (_, ...lines) => {
    const ratings = `${lines.join("\r\n")}\r\n`;
    expect(await ingested({ ...files, "ratings.csv": ratings })).toEqual(tables);
    const { "ratings.csv": __, ...others } = files;
    expect(await ingested({ ...others, "ratings.csv.gz": gzipSync(ratings) })).toEqual(tables);
  });

  test("items too", async () => {
    const movies = [
      "genres,imdbId,movieId,title",
      'Comedy|Drama|Romance,7,11,"American President, The (1995)"',
      '(no genres listed),8,12,"Say ""Please"", Léon (1994)"',
    ];
    expect(await ingested({ ...files, "movies.csv": movies.join("\n") })).toEqual(tables);
  });

  test.each([
    [
      "ratings.csv",
      `1,11,3.5,${second + 1}`,
      `expected the columns userId,movieId,rating,timestamp, found 1,11,3.5,${second + 1}; give`,
    ],
    [
      "ratings.csv",
      "userId,movieId,rating,date",
      "expected the columns userId,movieId,rating,timestamp, found userId,movieId,rating,date; give",
    ],
    [
      "ratings.csv",
      "userId,userId,movieId,rating,timestamp",
      "timestamp, each once, found userId,userId,",
    ],
    [
      "ratings.csv",
      "userId;movieId;rating;timestamp",
      "found userId;movieId;rating;timestamp; give",
    ],
    [
      "movies.csv",
      '11,"A, The (1995)",Drama',
      "expected the columns movieId,title,genres, found 11,A, The (1995),Drama; give",
    ],
  ])("%s with the first line %j is refused", async (name, first, message) => {
    const dir = await makeFolder(join(memory.dir, "source"), {
      ...files,
      [name]: `${first}\n1,11,3.5,${second + 1}\n`,
    });
    const task = datasetTask("ingest", { dataset: { source: "movielens", path: dir } });
    const run = await makeFolder(join(memory.dir, "run"), {});
    await expect(ingest(task, taskContext(run))).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringContaining(`${join(dir, name)}: line 1: `) as string,
    });
    await expect(ingest(task, taskContext(run))).rejects.toThrow(message);
  });

  test.each([
    ["Show (2001–2003)", "Show", 2001],
    ["Show (2001-2003)", "Show", 2001],
    ["Show, The (1999- )", "The Show", 1999],
    ["Show (1999–)", "Show", 1999],
    ["Show (1999 — 2004) ", "Show", 1999],
    ["Pair (1995) (2005)", "Pair (1995)", 2005],
    ["Babylon 5", "Babylon 5", null],
    ["1984", "1984", null],
  ])("%s is %s of %d", async (written, title, year) => {
    const { items } = await ingested({
      "ratings.csv": `userId,movieId,rating,timestamp\n1,11,3.5,${second + 1}\n`,
      "movies.csv": `movieId,title,genres\n11,"${written}",Drama\n`,
    });
    expect(items).toEqual([{ item_id: 11, title, year, attributes: { genre: ["Drama"] } }]);
  });
});
