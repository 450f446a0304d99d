import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { quote } from "../../../../src/tables/quote.ts";
import { makeFolder } from "../../../util/hand-made-task.ts";
import {
  loadedCounts,
  loadedEvents,
  loadedRejects,
  loadSource,
} from "../../../util/load-source.ts";
import { useMemoryDatabase } from "../../../util/memory-database.ts";

const memory = useMemoryDatabase();

const columns = { user: "u", item: "i", time: "t", rating: "r" };

async function file(name: string, content: string | Uint8Array): Promise<string> {
  return join(await makeFolder(join(memory.dir, "in"), { [name]: content }), name);
}

/** Writes the rows of a query as Parquet, in their order. */
async function parquet(name: string, sql: string): Promise<string> {
  const path = join(await makeFolder(join(memory.dir, "in"), {}), name);
  await memory.db.run(`copy (${sql}) to ${quote(path)} (format parquet)`);
  return path;
}

const csv = (...lines: readonly string[]): string => ["u,i,t,r", ...lines, ""].join("\n");

describe("loadFiles: Parquet", () => {
  const events =
    "values (7, 10, timestamp '2020-01-01 00:00:01', 4.5), (7, 20, timestamp '2020-01-01 00:00:02', 1)";

  test("integer ids are left where they are: a view over the files, rows numbered file by file", async () => {
    const paths = [
      await parquet("b.parquet", `select * from (${events}) as e(u, i, t, r)`),
      await parquet("a.parquet", `select u + 1 as u, i, t, r from (${events}) as e(u, i, t, r)`),
    ];
    const source = await loadSource(memory, { source: "parquet", interactions: paths, columns });
    expect(source).toMatchObject({ rows: 4, isUnordered: false });
    expect(Object.keys(source.tables ?? {})).toEqual(["rejects", "ingest_counts"]);
    expect(await loadedEvents(memory)).toEqual([
      [7, 10, 4.5, "2020-01-01T00:00:01.000Z"],
      [7, 20, 1, "2020-01-01T00:00:02.000Z"],
      [8, 10, 4.5, "2020-01-01T00:00:01.000Z"],
      [8, 20, 1, "2020-01-01T00:00:02.000Z"],
    ]);
    const rows = await memory.db.rows("select file_row from source_interactions order by 1");
    expect(rows.map(({ file_row }) => file_row)).toEqual([0, 1, 2 ** 40, 2 ** 40 + 1]);
    expect(await loadedCounts(memory)).toEqual([
      ["read", "", 4],
      ["kept", "", 4],
    ]);
    const types = await memory.db.rows("describe source_interactions");
    expect(types.map(({ column_name, column_type }) => [column_name, column_type])).toEqual([
      ["user_id", "INTEGER"],
      ["item_id", "INTEGER"],
      ["rating", "DOUBLE"],
      ["ts", "TIMESTAMP"],
      ["file_row", "BIGINT"],
    ]);
  });

  test("a hive-partitioned folder: a partition's value is a column like others", async () => {
    const folder = join(await makeFolder(join(memory.dir, "in"), {}), "log");
    await memory.db.run(
      `copy (select *, cast(t as date) as day from (${events}) as e(u, i, t, r) union all select 8, 30, timestamp '2020-01-02', 2, date '2020-01-02') ` +
        `to ${quote(folder)} (format parquet, partition_by (day))`,
    );
    await loadSource(memory, {
      ...{ source: "parquet", interactions: folder },
      columns: { ...columns, time: "day" },
    });
    expect(await loadedEvents(memory)).toEqual([
      [7, 10, 4.5, "2020-01-01T00:00:00.000Z"],
      [7, 20, 1, "2020-01-01T00:00:00.000Z"],
      [8, 30, 2, "2020-01-02T00:00:00.000Z"],
    ]);
  });

  test("rows that are no interactions are told by file and row, and counted", async () => {
    const path = await parquet(
      "bad.parquet",
      `select * from (values (1, 10, 1577836800, 4.0), (-3, 10, 1577836800, 4), (1, 10, 1577836801, 'inf'::double),
        (1, null, 1577836802, 4), (1, 10, 4102444800, 4)) as e(u, i, t, r)`,
    );
    const settings = { source: "parquet", interactions: path, columns, ids: "integer" };
    await expect(loadSource(memory, settings)).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message:
        "4 of 5 rows are bad:\n" +
        "  1 x the item id is missing\n" +
        "  1 x the rating is not a finite number below 2^53\n" +
        "  1 x the time lies in the future\n" +
        "  1 x the user id is not an integer from 1 to 2147483647\n" +
        "The first:\n" +
        `  ${path}: line 2: the user id is not an integer from 1 to 2147483647: -3 | 10 | 1577836800 | 4.0\n` +
        `  ${path}: line 3: the rating is not a finite number below 2^53: 1 | 10 | 1577836801 | inf\n` +
        `  ${path}: line 4: the item id is missing: 1 | 1577836802 | 4.0\n` +
        "Fix or remove them, or skip them with --set dataset.onBadRow=skip; the table rejects then lists them all.\n" +
        "Ids of any form are kept with --set dataset.ids=dictionary.",
    });
    await expect(loadSource(memory, { ...settings, onBadRow: "skip" })).rejects.toThrow(
      "dataset.maxBadShare and dataset.maxBadRows allow at most 0; check dataset.columns first.",
    );
    await loadSource(memory, { ...settings, onBadRow: "skip", maxBadShare: 1 });
    expect(await loadedEvents(memory)).toEqual([[1, 10, 4, "2020-01-01T00:00:00.000Z"]]);
    expect((await loadedRejects(memory)).map(([line]) => line)).toEqual([2, 3, 4, 5]);
    expect(await loadedCounts(memory)).toHaveLength(6);
  });

  test("a column that there is not is told with those there are", async () => {
    const path = await parquet("p.parquet", "select 1 as user, 2 as i, 3 as t, 4 as r");
    const attempt = loadSource(memory, { source: "parquet", interactions: path, columns });
    await expect(attempt).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: `dataset.columns.user: ${path} has no column u, only user, i, t, r`,
    });
  });
});

describe("loadFiles: CSV and JSON", () => {
  const expected = [
    [1, 10, 5, "2023-11-14T22:13:20.000Z"],
    [2, 10, 3, "2023-11-14T22:13:21.000Z"],
  ];

  test.each([
    ["plain", "a.csv", "u,i,t,r\n1,10,1700000000,5\n2,10,1700000001,3\n"],
    [
      "columns in another order, others between",
      "a.csv",
      "x,r,t,u,i\n,5,1700000000,1,10\n,3,1700000001,2,10\n",
    ],
    [
      "gzipped, quoted, Windows line ends",
      "a.csv.gz",
      gzipSync('"u","i","t","r"\r\n1,10,1700000000,5\r\n2,"10",1700000001,3\r\n'),
    ],
    [
      "a byte order mark, semicolons",
      "a.csv",
      "\uFEFFu;i;t;r\n1;10;1700000000;5\n2;10;1700000001;3\n",
    ],
    ["tabs, blank lines", "a.tsv", "u\ti\tt\tr\n1\t10\t1700000000\t5\n\n2\t10\t1700000001\t3\n"],
  ])("CSV: %s", async (_, name, content) => {
    await loadSource(memory, { source: "csv", interactions: await file(name, content), columns });
    expect(await loadedEvents(memory)).toEqual(expected);
  });

  test.each([
    [
      "an object a line",
      "a.jsonl",
      '{"u":1,"i":10,"t":1700000000,"r":5}\n{"r":3,"t":1700000001,"i":"10","u":"2","x":{}}\n',
    ],
    [
      "one list",
      "a.json",
      '[{"u":1,"i":10,"t":1700000000,"r":5},\n{"u":2,"i":10,"t":1700000001,"r":3}]',
    ],
    [
      "gzipped",
      "a.json.gz",
      gzipSync('{"u":1,"i":10,"t":1700000000,"r":5}\n{"u":2,"i":10,"t":1700000001,"r":3}\n'),
    ],
  ])("JSON: %s", async (_, name, content) => {
    await loadSource(memory, { source: "json", interactions: await file(name, content), columns });
    expect(await loadedEvents(memory)).toEqual(expected);
  });

  test("without a header, columns go by their place", async () => {
    const path = await file("a.csv", "1,10,5,1700000000\n2,10,3,1700000001\n");
    const byPlace = { user: "column0", item: "column1", rating: "column2", time: "column3" };
    await loadSource(memory, {
      source: "csv",
      interactions: path,
      columns: byPlace,
      csv: { header: false },
    });
    expect(await loadedEvents(memory)).toEqual(expected);
  });

  test("bad rows of a text have the number of their line and what stands there", async () => {
    const path = await file(
      "a.csv",
      csv(
        "1,10,1700000000,5",
        "",
        '2,"10,1700000001,3',
        "3,10,1700000002",
        "4,10,1700000003,x",
        '5,"10",1700000004,2',
        "6,10,1700000005,1,",
      ),
    );
    await loadSource(memory, {
      source: "csv",
      interactions: path,
      columns,
      onBadRow: "skip",
      maxBadShare: 0.7,
    });
    expect(await loadedRejects(memory)).toEqual([
      [4, "a quote is never closed", '2,"10,1700000001,3'],
      [5, "the line lacks fields", "3,10,1700000002"],
      [6, "the rating is not a finite number below 2^53", "4 | 10 | 1700000003 | x"],
      [8, "the line has too many fields", "6,10,1700000005,1,"],
    ]);
    expect((await loadedEvents(memory)).map(([user]) => user)).toEqual([1, 5]);
  });

  test("of JSON lines too", async () => {
    const good = '{"u":12345678901234567890,"i":10,"t":1700000000,"r":5}';
    const path = await file("a.jsonl", `${good}\n{"u":1,\n[1]\n\n{"u":"a","i":1,"r":2}\n`);
    const settings = { source: "json", interactions: path, columns, ids: "dictionary" };
    await loadSource(memory, { ...settings, onBadRow: "skip", maxBadShare: 1 });
    expect(await loadedRejects(memory)).toEqual([
      [2, "the line is not a JSON object", '{"u":1,'],
      [3, "the line is not a JSON object", "[1]"],
      [5, "the time is missing", "a | 1 | 2"],
    ]);
    const dictionary = await memory.db.rows("select source_id from user_dictionary");
    expect(dictionary).toEqual([{ source_id: "12345678901234567890" }]);
  });

  test.each([
    ["an empty file", "a.csv", "", /a\.csv is empty; remove or replace it/],
    ["nothing but a header", "a.csv", "u,i,t,r\n", /a\.csv holds no interactions/],
    [
      "no gzip",
      "a.csv.gz",
      csv("1,2,3,4"),
      /a\.csv\.gz is not compressed, but its name ends in \.gz: rename it/,
    ],
    [
      "a gzip cut off",
      "a.csv.gz",
      gzipSync(csv("1,2,3,4")).subarray(0, 20),
      /cannot be unpacked \(unexpected end of file\)/,
    ],
    [
      "a name twice",
      "a.csv",
      "u,u,i,t,r\n1,1,2,3,4\n",
      /dataset\.columns\.user: .* has several columns u/,
    ],
    [
      "no such column",
      "a.csv",
      "user,i,t,r\n1,2,3,4\n",
      /dataset\.columns\.user: .* has no column u, only user, i, t, r/,
    ],
  ])("refuses %s", async (_, name, content, message) => {
    const attempt = loadSource(memory, {
      source: "csv",
      interactions: await file(name, content),
      columns,
    });
    await expect(attempt).rejects.toThrow(message);
  });

  test("refuses a gzip file that unpacks to a thousand times its size", async () => {
    const path = await file("bomb.csv.gz", gzipSync(Buffer.alloc(80 * 1024 * 1024)));
    const attempt = loadSource(memory, { source: "csv", interactions: path, columns });
    await expect(attempt).rejects.toThrow(/bomb\.csv\.gz: unpacks to more than 100 times its size/);
  });
});

describe("loadFiles: ids", () => {
  const lines = [
    "bob,y,1700000000,5",
    "Ann,x,1700000001,3",
    "bob,x,1700000002,4",
    "čau,y,1700000003,1",
  ];

  test("texts are numbered in the order of their bytes, however rows and files are ordered", async () => {
    const one = await file("a.csv", csv(...lines));
    await loadSource(memory, { source: "csv", interactions: one, columns });
    const dictionary = () =>
      memory.db.rows("select user_id, source_id from user_dictionary order by 1");
    const expected = [
      { user_id: 1, source_id: "Ann" },
      { user_id: 2, source_id: "bob" },
      { user_id: 3, source_id: "čau" },
    ];
    expect(await dictionary()).toEqual(expected);
    expect((await loadedEvents(memory)).map(([user, item]) => [user, item])).toEqual([
      [2, 2],
      [1, 1],
      [2, 1],
      [3, 2],
    ]);
    const two = [
      await file("b.csv", csv(...lines.slice(2).reverse())),
      await file("c.csv", csv(...lines.slice(0, 2))),
    ];
    await loadSource(memory, { source: "csv", interactions: two, columns });
    expect(await dictionary()).toEqual(expected);
  });

  test("auto keeps integers where every id is one, each side by itself", async () => {
    const path = await file(
      "a.csv",
      csv("1,a,1700000000,5", "2,b,1700000001,5", "3,7,1700000002,5", "x,7,1700000003,1"),
    );
    const settings = { source: "csv", interactions: path, columns };
    await expect(loadSource(memory, { ...settings, ids: "integer" })).rejects.toThrow(
      "1 x the user id is not an integer from 1 to 2147483647",
    );
    const source = await loadSource(memory, settings);
    expect(source.isUnordered).toBe(true);
    expect(source.tables).toHaveProperty("user_dictionary");
    expect((await loadedEvents(memory)).map(([user, item]) => [user, item])).toEqual([
      [1, 2],
      [2, 3],
      [3, 1],
      [4, 1],
    ]);
  });
});

describe("loadFiles: what counts as liked", () => {
  test.each([
    [{ label: "v" }, ["1", "0", "true", "FALSE"], [1, 0, 1, 0]],
    [
      { event: "v", positiveEvents: ["buy", "it's; --"] },
      ["buy", "view", "it's; --", "BUY"],
      [1, 0, 1, 0],
    ],
  ])("%j", async (value, texts, ratings) => {
    const lines = texts.map((text, k) => `1,${k + 1},170000000${k},${text}`);
    const path = await file("a.csv", ["u,i,t,v", ...lines].join("\n"));
    await loadSource(memory, {
      source: "csv",
      interactions: path,
      columns: { user: "u", item: "i", time: "t", ...value },
    });
    expect((await loadedEvents(memory)).map(([, , rating]) => rating)).toEqual(ratings);
  });

  test("a label that is neither is a bad row", async () => {
    const path = await file("a.csv", "u,i,t,v\n1,1,1700000000,2\n");
    const attempt = loadSource(memory, {
      source: "csv",
      interactions: path,
      columns: { user: "u", item: "i", time: "t", label: "v" },
    });
    await expect(attempt).rejects.toThrow("1 x the label is not 0 or 1");
  });
});

describe("loadFiles: times", () => {
  const second = "2023-11-14T22:13:20.000Z";
  test.each([
    ["seconds", "1700000000", second],
    ["milliseconds", "1700000000000", second],
    ["microseconds", "1700000000000000", second],
    ["nanoseconds", "1700000000000000000", second],
    ["fractions of a second", "1700000000.5", "2023-11-14T22:13:20.500Z"],
    ["a date", "2023-11-14", "2023-11-14T00:00:00.000Z"],
    ["a date and time", "2023-11-14 22:13:20", second],
    ["with an offset", "2023-11-15T00:13:20+02:00", second],
    ["with a short offset", "2023-11-14T21:13:20.000-01", second],
    ["in UTC", "2023-11-14T22:13:20Z", second],
  ])("%s", async (_, text, expected) => {
    const path = await file("a.csv", csv(`1,10,${text},5`));
    await loadSource(memory, { source: "csv", interactions: path, columns });
    expect(await loadedEvents(memory)).toEqual([[1, 10, 5, expected]]);
  });

  test("a unit that is given goes before what the numbers look like", async () => {
    const path = await file("a.csv", csv("1,10,1700000000,5"));
    await loadSource(memory, {
      source: "csv",
      interactions: path,
      columns: { ...columns, timeUnit: "ms" },
    });
    expect(await loadedEvents(memory)).toEqual([[1, 10, 5, "1970-01-20T16:13:20.000Z"]]);
  });

  test("`until` is the first day of the future", async () => {
    const path = await file("a.csv", csv("1,10,2020-01-31 23:59:59,5", "1,11,2020-02-01,5"));
    const attempt = loadSource(memory, {
      source: "csv",
      interactions: path,
      columns,
      until: "2020-02-01",
    });
    await expect(attempt).rejects.toThrow(
      "line 3: the time lies in the future: 1 | 11 | 2020-02-01 | 5",
    );
  });
});

describe("loadFiles: what is left out", () => {
  const events = [
    [
      "1,10,1700000000,2",
      "1,10,1700000000,5",
      "1,10,1700000000,5",
      "1,10,1700000001,1",
      "2,10,1700000000,3",
    ],
  ].flat();

  test.each([
    ["first", [2, 1, 3]],
    ["last", [5, 1, 3]],
    ["max", [5, 1, 3]],
  ])("duplicates: %s", async (duplicates, ratings) => {
    const path = await file("a.csv", csv(...events));
    await loadSource(memory, { source: "csv", interactions: path, columns, duplicates });
    expect((await loadedEvents(memory)).map(([, , rating]) => rating)).toEqual(ratings);
    const reason = "repeats the event of another row";
    expect(await loadedCounts(memory)).toEqual([
      ["read", "", 5],
      ["duplicate", reason, 2],
      ["kept", "", 3],
    ]);
    const lines = { first: [3, 4], last: [2, 3], max: [2, 4] }[duplicates];
    expect((await loadedRejects(memory)).map(([line, why]) => [line, why])).toEqual(
      lines?.map((line) => [line, reason]),
    );
  });

  test("k-core: to the fixed point, counted a round", async () => {
    // Users 1 and 2 meet items 10 and 20 both. User 3 has only item 30, which user 2 also has: 30 falls with user 3.
    const pairs = ["1,10", "1,20", "2,10", "2,20", "2,30", "3,30"];
    const path = await file("a.csv", csv(...pairs.map((pair, k) => `${pair},170000000${k},5`)));
    await loadSource(memory, {
      source: "csv",
      interactions: path,
      columns,
      kCore: { users: 2, items: 2 },
    });
    expect(
      (await loadedEvents(memory)).map(([user, item]) => `${String(user)},${String(item)}`),
    ).toEqual(pairs.slice(0, 4));
    expect(await loadedCounts(memory)).toEqual([
      ["read", "", 6],
      ["k-core", "round 1", 2],
      ["kept", "", 4],
    ]);
    const items = await memory.db.rows("select item_id from source_items order by 1");
    expect(items).toEqual([{ item_id: 10 }, { item_id: 20 }]);
  });

  test("nothing left is an error that says where the rows went", async () => {
    const path = await file("a.csv", csv("1,10,1700000000,5", "2,10,1700000000,5"));
    const attempt = loadSource(memory, {
      source: "csv",
      interactions: path,
      columns,
      kCore: { users: 2 },
    });
    await expect(attempt).rejects.toThrow(
      `${path}: no interactions are left\n  2 read\n  2 k-core: round 1\n  0 kept`,
    );
  });

  test("a sample keeps users with all they have, the same for the same seed", async () => {
    const lines = Array.from(
      { length: 300 },
      (_, k) => `${1 + (k % 100)},${k},${1700000000 + k},5`,
    );
    const path = await file("a.csv", csv(...lines.map((line) => line.replace(/,0,/, ",300,"))));
    const usersWith = async (seed: number, share: number) => {
      await loadSource(memory, {
        source: "csv",
        interactions: path,
        columns,
        sampleUsers: { share, seed },
      });
      const rows = await memory.db.rows(
        "select user_id, count(*) as n from source_interactions group by 1 order by 1",
      );
      expect(rows.every(({ n }) => n === 3)).toBe(true);
      return rows.map(({ user_id }) => user_id);
    };
    const half = await usersWith(1, 0.5);
    expect(half.length).toBeGreaterThan(30);
    expect(half.length).toBeLessThan(70);
    expect(await usersWith(1, 0.5)).toEqual(half);
    expect(await usersWith(2, 0.5)).not.toEqual(half);
    expect(await usersWith(1, 0.8)).toEqual(expect.arrayContaining(half)); // a larger share adds users
    expect((await loadedCounts(memory))[1]?.slice(0, 2)).toEqual(["sampling", "not of the sample"]);
  });
});

describe("loadFiles: items and users", () => {
  const interactions = csv("a,x,1700000000,5", "b,y,1700000001,3", "a,z,1700000002,4");
  const itemLines = [
    '{"item_id":"x","title":" A \\n B ","year":"1999-03-01","genre":["g","h"],"tags":"p| q|","plot":"It, [sic] is"}',
    '{"item_id":"y","title":"","genre":[],"tags":null,"plot":["one","two"]}',
    '{"item_id":"unrated","title":"U"}',
  ];
  const items = {
    title: "title",
    year: "year",
    attributes: ["genre", "tags"],
    text: ["plot"],
    listSeparator: "|",
  };

  test("titles, years, lists, separated texts and running texts; an item without a row when it may be kept", async () => {
    const path = await file("items.jsonl", itemLines.join("\n"));
    await loadSource(memory, {
      ...{ source: "csv", interactions: await file("a.csv", interactions), columns },
      items: { path, missing: "keep", ...items },
    });
    expect(await memory.db.rows("select * from source_items order by 1")).toEqual([
      {
        item_id: 1,
        title: "A B",
        year: 1999,
        attributes: { plot: ["It, [sic] is"], genre: ["g", "h"], tags: ["p", "q"] },
      },
      { item_id: 2, title: "y", year: null, attributes: { plot: ["one two"] } },
      { item_id: 3, title: "z", year: null, attributes: {} },
    ]);
  });

  test("an item without a row is an error, or its interactions are left out", async () => {
    const path = await file("items.jsonl", itemLines.join("\n"));
    const log = await file("a.csv", interactions);
    const settings = { source: "csv", interactions: log, columns };
    await expect(loadSource(memory, { ...settings, items: { path } })).rejects.toThrow(
      `1 item(s) of the interactions have no row in dataset.items.path, the first:\n  ${log}: line 4: item z (1 rows)\n`,
    );
    await loadSource(memory, { ...settings, items: { path, missing: "drop" } });
    expect((await loadedEvents(memory)).map(([, item]) => item)).toEqual([1, 2]);
    expect(await loadedCounts(memory)).toEqual([
      ["read", "", 3],
      ["no metadata", "the item has no metadata", 1],
      ["kept", "", 2],
    ]);
    expect(await loadedRejects(memory)).toEqual([
      [4, "the item has no metadata", "a | z | 1700000002 | 4"],
    ]);
  });

  test("an item's second row is a bad row", async () => {
    const path = await file("items.csv", "item_id,title\nx,X\ny,Y\nx,Again\nz,Z\n");
    const settings = {
      source: "csv",
      interactions: await file("a.csv", interactions),
      columns,
      items: { path },
    };
    await expect(loadSource(memory, settings)).rejects.toThrow(
      `${path}: line 4: the item has a row before: x | Again`,
    );
    await loadSource(memory, { ...settings, onBadRow: "skip", maxBadShare: 0.25 });
    expect(await loadedRejects(memory, "items")).toEqual([
      [4, "the item has a row before", "x | Again"],
    ]);
    const titles = await memory.db.rows("select title from source_items order by item_id");
    expect(titles.map(({ title }) => title)).toEqual(["X", "Y", "Z"]);
  });

  test("users with attributes, from Parquet", async () => {
    const path = await parquet(
      "users.parquet",
      "select 'a' as user_id, 'f' as sex, 30 as age union all select 'c', 'm', null",
    );
    await loadSource(memory, {
      ...{ source: "csv", interactions: await file("a.csv", interactions), columns },
      users: { path, attributes: ["sex", "age"] },
    });
    expect(await memory.db.rows("select * from source_users")).toEqual([
      { user_id: 1, attributes: { sex: ["f"], age: ["30"] } },
    ]);
  });
});

describe("loadFiles: weights", () => {
  const weighted = { ...columns, weight: "w" };
  const bad = "the weight is not a finite number of at least 0";

  /** Item and weight of the interactions, in file order. */
  async function weights(): Promise<readonly unknown[]> {
    const rows = await memory.db.rows("select * from source_interactions order by file_row");
    return rows.map(({ item_id, weight }) => [item_id, weight]);
  }

  test("a text: numbers of at least 0 are kept, anything else is a bad row that says so", async () => {
    const values = ["2.5", "0", "1e-3", "-1", "nan", "inf", "", "much", "1e39", "-0.0"];
    const rows = values.map((value, k) => `1,${k + 1},${1577836800 + k},4,${value}`);
    const path = await file("w.csv", ["u,i,t,r,w", ...rows, ""].join("\n"));
    const settings = { source: "csv", interactions: path, columns: weighted };
    await expect(loadSource(memory, settings)).rejects.toThrow(
      `6 of 10 rows are bad:\n  4 x ${bad}\n  2 x the weight is missing\n`,
    );
    await loadSource(memory, { ...settings, onBadRow: "skip", maxBadShare: 1 });
    expect(await loadedRejects(memory)).toEqual([
      [5, bad, "1 | 4 | 1577836803 | 4 | -1"],
      [6, "the weight is missing", "1 | 5 | 1577836804 | 4"],
      [7, bad, "1 | 6 | 1577836805 | 4 | inf"],
      [8, "the weight is missing", "1 | 7 | 1577836806 | 4"],
      [9, bad, "1 | 8 | 1577836807 | 4 | much"],
      [10, bad, "1 | 9 | 1577836808 | 4 | 1e39"],
    ]);
    expect(await weights()).toEqual([
      [1, 2.5],
      [2, 0],
      [3, Math.fround(1e-3)],
      [10, -0],
    ]);
  });

  test("Parquet: whole numbers, decimals and doubles, without a copy of the files", async () => {
    const bads = "('nan'::double), ('-inf'::double), (-0.5), (null)";
    const path = await parquet(
      "w.parquet",
      `select 1 as u, row_number() over () as i, timestamp '2020-01-01' + to_days(i::integer) as t, 4.0 as r, w
       from (values (3::double), (0), (0.5), ${bads}) as e(w)`,
    );
    const settings = { source: "parquet", interactions: path, columns: weighted };
    await loadSource(memory, { ...settings, onBadRow: "skip", maxBadShare: 1 });
    expect(await weights()).toEqual([
      [1, 3],
      [2, 0],
      [3, 0.5],
    ]);
    expect((await loadedRejects(memory)).map(([line, reason]) => [line, reason])).toEqual([
      [4, "the weight is missing"],
      [5, bad],
      [6, bad],
      [7, "the weight is missing"],
    ]);
    const types = await memory.db.rows("describe source_interactions");
    expect(types.map(({ column_name }) => column_name)).toEqual([
      ...["user_id", "item_id", "rating", "ts", "weight", "file_row"],
    ]);
    for (const type of ["utinyint", "decimal(4, 1)", "varchar"]) {
      const typed = await parquet(
        "typed.parquet",
        `select 1 as u, 1 as i, timestamp '2020-01-01' as t, 4.0 as r, 7::${type} as w`,
      );
      await loadSource(memory, { ...settings, interactions: typed });
      expect(await weights(), type).toEqual([[1, 7]]);
    }
  });

  test("JSON: a number, or a text that is one; null and no key are missing", async () => {
    const lines = ["1.5", '"2"', "null", "true"].map(
      (w, k) => `{"u":1,"i":${k + 1},"t":${1577836800 + k},"r":4,"w":${w}}`,
    );
    const path = await file("w.jsonl", `${lines.join("\n")}\n{"u":1,"i":5,"t":1577836805,"r":4}\n`);
    const settings = { source: "json", interactions: path, columns: weighted };
    await loadSource(memory, { ...settings, onBadRow: "skip", maxBadShare: 1 });
    expect(await weights()).toEqual([
      [1, 1.5],
      [2, 2],
    ]);
    expect((await loadedRejects(memory)).map(([line, reason]) => [line, reason])).toEqual([
      [3, "the weight is missing"],
      [4, bad],
      [5, "the weight is missing"],
    ]);
  });

  test.each([
    ["first", 1],
    ["last", 4],
    ["max", 3],
  ] as const)(
    "of an event told again, %s keeps the weight of the row that stays",
    async (duplicates, weight) => {
      const rows = ["a,x,1577836800,3,1", "a,x,1577836800,2,2", "a,x,1577836800,5,3"];
      const path = await file(
        "w.csv",
        ["u,i,t,r,w", ...rows, "a,x,1577836800,1,4", "b,x,1577836800,3,9", ""].join("\n"),
      );
      await loadSource(memory, {
        ...{ source: "csv", interactions: path, columns: weighted, duplicates },
        kCore: { items: 2 },
      });
      expect(await weights()).toEqual([
        [1, weight],
        [1, 9],
      ]);
    },
  );

  test("a column that there is not is told", async () => {
    const path = await file("w.csv", csv("1,10,1577836800,4"));
    const attempt = loadSource(memory, { source: "csv", interactions: path, columns: weighted });
    await expect(attempt).rejects.toThrow(
      `dataset.columns.weight: ${path} has no column w, only u, i, t, r`,
    );
  });
});
