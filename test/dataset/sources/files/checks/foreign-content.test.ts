import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { findMovielens } from "../../../../../src/dataset/sources/movielens/layout.ts";
import { quote } from "../../../../../src/tables/quote.ts";
import { makeFolder } from "../../../../util/hand-made-task.ts";
import { loadedEvents, loadSource } from "../../../../util/load-source.ts";
import { useMemoryDatabase } from "../../../../util/memory-database.ts";

const memory = useMemoryDatabase();

const csv = "user_id,item_id,ts,rating\n5,1,1700000000,4\n5,2,1700000001,2\n";
const bytes = (hex: string): Buffer =>
  Buffer.concat([Buffer.from(hex, "hex"), Buffer.alloc(100, 7)]);
const utf16be = Buffer.from(`\uFEFF${csv}`, "utf16le").swap16();
const utf32 = Buffer.from([...Buffer.from(csv)].flatMap((byte) => [byte, 0, 0, 0]));

async function attempt(name: string, content: string | Uint8Array, settings: object = {}) {
  const dir = await makeFolder(join(memory.dir, "in"), { [name]: content });
  const path = join(dir, name);
  const source = /json/.test(name) ? "json" : /parquet/.test(name) ? "parquet" : "csv";
  const loaded = loadSource(memory, {
    ...{ source, interactions: path, columns: { rating: "rating" }, ...settings },
  });
  return { path, loaded };
}

describe("files that are not what their name says", () => {
  test.each([
    [
      "a.csv",
      gzipSync(csv),
      "is compressed with gzip, but its name does not end in .gz: rename it",
    ],
    ["a.csv.gz", csv, "is not compressed, but its name ends in .gz: rename it"],
    [
      "a.csv",
      bytes("425a6839"),
      "is compressed with bzip2, which is not read: unpack it, or compress it with gzip",
    ],
    [
      "a.csv.gz",
      bytes("425a6839"),
      "is compressed with bzip2, which is not read: unpack it, or compress it with gzip",
    ],
    [
      "a.jsonl",
      bytes("fd377a585a00"),
      "is compressed with xz, which is not read: unpack it, or compress it with gzip",
    ],
    [
      "a.txt",
      bytes("28b52ffd"),
      "is compressed with Zstandard, which is not read: unpack it, or compress it with gzip",
    ],
    [
      "a.csv",
      bytes("504b0304"),
      "is a ZIP archive or an Excel workbook: unpack it, or save it as CSV in UTF-8",
    ],
    [
      "a.csv",
      bytes("504152310000"),
      "is a Parquet file: give it a name that ends in .parquet, and read it as Parquet",
    ],
    [
      "a.csv.gz",
      gzipSync(bytes("50415231")),
      "is a Parquet file: give it a name that ends in .parquet, and read it as Parquet",
    ],
    [
      "a.csv",
      Buffer.from(`\uFEFF${csv}`, "utf16le"),
      "is encoded in UTF-16, which is not read: save it in UTF-8, as by iconv -f UTF-16 -t UTF-8 FILE > NEW",
    ],
    ["a.csv", Buffer.from(csv, "utf16le"), "is encoded in UTF-16, which is not read"],
    ["a.csv.gz", gzipSync(utf16be), "is encoded in UTF-16, which is not read"],
    [
      "a.json",
      Buffer.from('\uFEFF{"user_id":5}\n', "utf16le"),
      "is encoded in UTF-16, which is not read",
    ],
    ["a.csv", utf32, "is encoded in UTF-32, which is not read"],
    [
      "a.csv",
      csv.replaceAll("\n", "\r"),
      "ends its lines with carriage returns alone, as old Macs did: write line feeds",
    ],
    [
      "a.csv",
      "<!DOCTYPE html>\n<html>404</html>\n",
      "is a web page, such as a server's error: download it again",
    ],
    [
      "a.json",
      " <html><body>no</body></html>",
      "is a web page, such as a server's error: download it again",
    ],
    ["a.json", '<?xml version="1.0"?>\n<a/>\n', "is an XML file: write it as CSV, JSON or Parquet"],
    [
      "a.csv",
      "version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
      "is a pointer of Git LFS, not the data: fetch them with git lfs pull",
    ],
    [
      "a.csv",
      '{"user_id": 5, "item_id": 1}\n',
      "holds JSON, not CSV: give it a name that ends in .json, and read it as JSON",
    ],
    ["a.csv", '[\n{"user_id": 5}]\n', "holds JSON, not CSV"],
    [
      "a.csv",
      `sep=;\r\n${csv.replaceAll(",", ";")}`,
      "begins with the line sep=;, which only Excel reads: remove that line",
    ],
    [
      "a.parquet",
      csv,
      'is no Parquet file but a text that begins with "user_id,item_id,ts,rating\\n5,1,1700000000"',
    ],
    ["a.parquet", bytes("504b0304"), "is a ZIP archive or an Excel workbook"],
    [
      "a.parquet",
      bytes("00ff00ff"),
      "is no Parquet file: it does not begin with PAR1; copy or download it again",
    ],
    [
      "a.parquet",
      bytes("50415245"),
      "is encrypted, which is not read: write it without encryption",
    ],
    [
      "a.parquet",
      bytes("50415231"),
      "is cut off: a Parquet file ends with PAR1; copy or download it again",
    ],
  ])("%s, %#: %s", async (name, content, message) => {
    const { path, loaded } = await attempt(name, content);
    await expect(loaded).rejects.toMatchObject({ code: "INPUT_INVALID" });
    await expect(loaded).rejects.toThrow(`${path} ${message}`);
  });

  test("files of MovieLens and metadata are looked at, too", async () => {
    const dir = await makeFolder(join(memory.dir, "ml"), {
      "ratings.csv": "userId,movieId,rating,timestamp\n1,1,4,1\n",
      "movies.csv": Buffer.from("movieId,title,genres\n1,A,B\n", "utf16le"),
    });
    await expect(findMovielens(dir)).rejects.toThrow(
      `${join(dir, "movies.csv")} is encoded in UTF-16`,
    );
    const { loaded } = await attempt("a.csv", csv, { items: { path: join(dir, "movies.csv") } });
    await expect(loaded).rejects.toThrow(`${join(dir, "movies.csv")} is encoded in UTF-16`);
  });

  test.each([
    [
      "one line of JSON with a carriage return",
      "a.json",
      `[{"user_id":5,"item_id":1,"ts":1700000000,"rating":4},\r {"user_id":5,"item_id":2,"ts":1700000001,"rating":2}]`,
    ],
    [
      "JSON inside CSV",
      "a.csv",
      'x,user_id,item_id,ts,rating\n"{""a"":0}",5,1,1700000000,4\n,5,2,1700000001,2\n',
    ],
  ])("reads %s", async (_, name, content) => {
    const { loaded } = await attempt(name, content.replace(",\r", ",\r\n"));
    await loaded;
    expect(await loadedEvents(memory)).toHaveLength(2);
  });
});

describe("a damaged Parquet file among several", () => {
  test("is named, without the name of a statement or an option", async () => {
    const dir = await makeFolder(join(memory.dir, "in"), {});
    const paths = ["a.parquet", "b.parquet"].map((name) => join(dir, name));
    for (const path of paths) {
      const rows =
        "select 5 as user_id, i as item_id, 1700000000 + i as ts, 4.0 as rating, md5(i::varchar) as note from range(1, 5000) t(i)";
      await memory.db.run(`copy (${rows}) to ${quote(path)} (format parquet, compression snappy)`);
    }
    const [, second = ""] = paths;
    const content = await readFile(second);
    content.fill(0xff, 4, 3000);
    await writeFile(second, content);
    const settings = { source: "parquet", interactions: dir, columns: { rating: "rating" } };
    await expect(loadSource(memory, settings)).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringMatching(
        /^\S+b\.parquet cannot be read: (?!source\/).*\nFix or replace the file and run again\.$/,
      ) as string,
    });
  });
});

describe("columns that a CSV file seems to lack: what may be wrong", () => {
  test.each([
    [
      "5,1,1700000000,4\n",
      {},
      "; its first line looks like a row: if it has no header, set dataset.csv.header to false",
    ],
    [
      "user_id^item_id^ts^rating\n",
      {},
      '; its fields seem to be separated by "^": set dataset.csv.delimiter',
    ],
    [
      "user_id\u0002item_id\u0002ts\u0002rating\n",
      {},
      "; if it has several columns, name what separates them as dataset.csv.delimiter",
    ],
    [
      "user_id item_id ts rating\n",
      {},
      "; its fields seem to be separated by spaces: set dataset.csv.delimiter",
    ],
    [
      csv,
      { csv: { delimiter: "|" } },
      '; its fields seem to be separated by ",": set dataset.csv.delimiter',
    ],
    [
      "5::1::1700000000::4\n",
      { csv: { header: false } },
      '; its fields seem to be separated by "::": set dataset.csv.delimiter',
    ],
    [
      "user_id;item_id;ts;rating\n".replaceAll(";", "§"),
      { csv: { delimiter: "%" } },
      "; dataset.csv.delimiter does not occur in its first line",
    ],
    [
      "'user_id','item_id','ts','rating'\n",
      {},
      "; its names stand in single quotes: set dataset.csv.quote to them",
    ],
    [
      "user_id, item_id, ts, rating\n",
      {},
      "; some names have spaces around them: remove them, or write them so in dataset.columns",
    ],
    ["# written in 2020\nuser_id,item_id\n", {}, "; its first line is a comment: remove it"],
    [
      csv,
      { csv: { header: false } },
      "; dataset.csv.header is false, so columns go by their place in all CSV files: interactions, items and users",
    ],
    ["user,item_id,ts,rating\n", {}, "has no column user_id, only user, item_id, ts, rating"],
  ])("%j", async (content, settings, hint) => {
    const { loaded } = await attempt("a.csv", content, settings);
    const error: unknown = await loaded.catch((thrown: unknown) => thrown);
    expect(String(error).endsWith(hint)).toBe(true);
  });

  test("without a header, the delimiter is the one that all lines have in common", async () => {
    const columns = { user: "column0", time: "column1", item: "column2", rating: "column3" };
    const settings = { csv: { header: false }, columns };
    for (const [name, delimiter] of [
      ["a.txt", "\t"],
      ["a.csv", ";"],
      ["a.csv", "|"],
    ] as const) {
      const lines = [
        ["5", "2023-11-14T22:13:20Z", "1", "4", "One, two, three; and, four"],
        ["5", "2023-11-14T22:13:21Z", "2", "2", "One, two, three"],
        ["5", "2023-11-14T22:13:22Z", "3", "2", "One"],
      ].map((fields) =>
        fields
          .map((field) => (delimiter === ";" ? field.replaceAll(";", "") : field))
          .join(delimiter),
      );
      const { loaded } = await attempt(name, `${lines.join("\n")}\n`, settings);
      await loaded;
      expect((await loadedEvents(memory)).map(([, item]) => item)).toEqual([1, 2, 3]);
    }
  });
});

test("too many bad rows: only where most are bad may the columns be wrong", async () => {
  const lines = Array.from({ length: 9 }, (_, k) => `5,${k + 1},1700000000,${k === 0 ? "x" : 4}`);
  const { loaded } = await attempt("a.csv", `user_id,item_id,ts,rating\n${lines.join("\n")}\n`, {
    onBadRow: "skip",
  });
  await expect(loaded).rejects.toThrow(
    "allow at most 0; mend the rows, or raise the limit that is too low.",
  );
  const users = join(
    await makeFolder(join(memory.dir, "users"), { "u.csv": "user_id\n5\n5\n5\n" }),
    "u.csv",
  );
  const twice = await attempt("a.csv", csv, { onBadRow: "skip", users: { path: users } });
  await expect(twice.loaded).rejects.toThrow(
    "allow at most 0; mend the rows, or raise the limit that is too low.",
  );
});
