import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { FlowError } from "../../src/base/errors.ts";
import { nameDamagedFile } from "../../src/tables/files/name-damaged-file.ts";
import { quote } from "../../src/tables/quote.ts";
import { unreadableFile } from "../../src/tables/files/read-fault.ts";
import { openTableFile } from "../../src/tables/files/table-file.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

/** What DuckDB says of its own options and statements. */
const foreignWords =
  /Error:|LINE 1|read_csv|read_json|read_parquet|ignore_errors|union_by_name|encoding=|Candidates|TProtocol/;

/** The cause that is given for a file of this name and content. */
async function causeOf(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(memory.dir, name);
  await writeFile(path, content);
  const error: unknown = await openTableFile(memory.db, path)
    .then(({ source }) => memory.db.rows(`select max(hash(columns(*))) from ${source}`))
    .then(
      () => "it was read",
      (thrown: unknown) => thrown,
    );
  const told = error instanceof FlowError && error.code === "INPUT_INVALID";
  const { message } = told ? error : unreadableFile(path, error);
  expect(message).not.toMatch(foreignWords);
  const [start, end] = [`${path} cannot be read: `, "\nFix or replace the file and run again."];
  expect(message.startsWith(start) && message.endsWith(end)).toBe(true);
  return message.slice(start.length, -end.length);
}

const lines = Array.from({ length: 3000 }, (_, k) => `${k},${k % 9},3`);
const csv = `user_id,item_id,rating\n${lines.join("\n")}\n`;
const objects = lines.map((_, k) => JSON.stringify({ id: k, text: `x${k}` }));

describe("a text file", () => {
  test.each([
    ["cut.csv.gz", gzipSync(csv).subarray(0, 900), /^it|^its/],
    ["plain.csv.gz", csv, /^it is not compressed, but its name ends in \.gz: rename it$/],
    ["ragged.csv", `${csv}1,2,3,4\n1,2\n`, /^its lines have different numbers of fields/],
    [
      "bytes.csv",
      Buffer.concat([Buffer.from(csv), Buffer.from([0xff, 0xfe, 0x2c, 0x31, 0x2c, 0x32, 10])]),
      /^line \d+: it is not valid UTF-8: save the file in UTF-8$/,
    ],
    [
      "a.jsonl",
      `${objects.join("\n")}\n{bad\n`,
      /^line 3001, byte 2: it is not JSON \(a character does not belong there\)|^line 3002/,
    ],
    ["cut.jsonl", `${objects.join("\n")}\n{"id":3`, /it is not JSON \(it ends too early\)/],
    ["comma.json", `[${objects.join(",")},]`, /^value \d+, byte \d+: it is not JSON \(/],
  ])("%s", async (name, content, cause) => {
    expect(await causeOf(name, content)).toMatch(cause);
  });

  test("with lines of other lengths than the first ones", () => {
    const message =
      "query: Invalid Input Error: CSV Error on Line: 7\nOriginal Line: 1::2::3\nExpected Number of Columns: 2 Found: 3\nPossible fixes:\n* Enable null padding";
    expect(unreadableFile("a.csv", new Error(message)).message).toMatch(
      /^a\.csv cannot be read: line 7: it has 3 fields instead of 2: write as many fields in every line/,
    );
  });

  test.each([
    ["Value with unterminated quote found.\n\nPossible fixes", "a quote is never closed"],
    ["Maximum line size of 2000000 bytes exceeded.", "it is too long"],
    [
      'Error when converting column "item id". Could not convert string "abc" to \'BIGINT\'\n',
      'column item id holds "abc", but BIGINT in the lines before',
    ],
    ["Something of a later version.", "its fields cannot be told: check its quotes and delimiters"],
  ])("the line's fault %j", (said, cause) => {
    const error = new Error(`Invalid Input Error: CSV Error on Line: 9\nOriginal Line: x\n${said}`);
    expect(unreadableFile("a.csv", error).message).toContain(`read: line 9: ${cause}`);
  });
});

describe("a Parquet file", () => {
  /** A good file of this compression, with bytes at these places turned over. */
  async function spoilt(compression: string, places: readonly number[]): Promise<Buffer> {
    const path = join(memory.dir, "good.parquet");
    const rows =
      "select i as id, 'text' || i as text, [1.5::float, i] as vector from range(9000) t(i)";
    await memory.db.run(`copy (${rows}) to ${quote(path)} (compression ${compression})`);
    const content = await readFile(path);
    for (const place of places) {
      const at = place < 0 ? content.length + place : place;
      content[at] = (content[at] ?? 0) ^ 0xff;
    }
    return content;
  }

  test.each([
    ["its first page header", "zstd", [4, 5, 6, 7], /^its contents are damaged: copy or download/],
    ["a page", "snappy", [60, 61, 62], /^its contents are damaged: copy or download/],
    ["a page", "zstd", [60, 61, 62], /^its contents are damaged: copy or download/],
    ["its end", "snappy", [-8, -7, -6], /^it is cut off or damaged at its end: copy or download/],
  ])("%s damaged (%s)", async (_, compression, places, cause) => {
    expect(await causeOf("a.parquet", await spoilt(compression, places))).toMatch(cause);
  });

  test("cut off", async () => {
    const content = await spoilt("snappy", []);
    expect(await causeOf("a.parquet", content.subarray(0, -50))).toMatch(/^it is cut off/);
  });

  test("among others, in whatever statement it is found", async () => {
    const [good, bad] = ["a", "b"].map((name) => join(memory.dir, `${name}.parquet`));
    await writeFile(good ?? "", await spoilt("snappy", []));
    await writeFile(bad ?? "", await spoilt("snappy", [60, 61, 62]));
    const paths = [good ?? "", bad ?? ""];
    const work = (): Promise<unknown> =>
      memory.db.rows(`select max(hash(id)) from read_parquet([${paths.map(quote).join(", ")}])`);
    await expect(nameDamagedFile(memory.db, paths, work)).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: `${bad ?? ""} cannot be read: its contents are damaged: copy or download it again\nFix or replace the file and run again.`,
    });
    const other = (): Promise<unknown> => memory.db.rows("select * from nowhere");
    await expect(nameDamagedFile(memory.db, [good ?? ""], other)).rejects.toMatchObject({
      code: "SQL_FAILED",
    });
  });
});

test.each([
  [
    'Invalid Input Error: Invalid string encoding found in Parquet file "/a": value "\\xFF17" is not valid UTF8!',
    "the text \\xFF17 in it is not valid UTF-8: write its texts in UTF-8",
  ],
  [
    "HTTP Error: HTTP GET error on 'https://x.org/a' (HTTP 404)",
    "the server answered with status 404",
  ],
  ["IO Error: Could not establish connection error for HTTP HEAD", "its server cannot be reached"],
  ["source/first_rows: Binder Error: odd thing. Try setting union_by_name = true", "odd thing."],
])("%s", (said, cause) => {
  expect(unreadableFile("a.parquet", new Error(said)).message).toContain(`read: ${cause}\n`);
});
