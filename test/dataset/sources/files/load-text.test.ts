import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { loadedEvents, loadedRejects, loadSource } from "../../../util/load-source.ts";
import { useMemoryDatabase } from "../../../util/memory-database.ts";
import { columns, csv, inputFiles } from "./load-files.fixture.ts";

const memory = useMemoryDatabase();
const { file } = inputFiles(memory);

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
