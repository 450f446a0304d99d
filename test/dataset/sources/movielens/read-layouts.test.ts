import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  openMetadata,
  readRatings,
  type FileForm,
} from "../../../../src/dataset/sources/movielens/read-records.ts";
import { wholeLines } from "../../../../src/dataset/sources/movielens/text-layout.ts";
import type { SourceSite } from "../../../../src/dataset/sources/source.ts";
import type { Row } from "../../../../src/tables/database.ts";
import { makeFolder } from "../../../util/hand-made-task.ts";
import { useMemoryDatabase } from "../../../util/memory-database.ts";

const memory = useMemoryDatabase();

/** A file of this content, and where its copy may be written. */
async function made(
  name: string,
  content: string | Uint8Array,
): Promise<{ readonly path: string; readonly site: SourceSite }> {
  const folder = await makeFolder(join(memory.dir, "source"), { [name]: content });
  const tempDir = await makeFolder(join(memory.dir, "staged"), {});
  return { path: join(folder, name), site: { tempDir, signal: AbortSignal.timeout(600_000) } };
}

const stars: FileForm = { delimiter: "::", width: 4 };
const tabs: FileForm = { delimiter: "\t", width: 4 };
const named: FileForm = { columns: ["userId", "movieId", "rating", "timestamp"] };

describe("readRatings", () => {
  const read = async (form: FileForm, name: string, content: string | Uint8Array) => {
    const { path, site } = await made(name, content);
    let rows: readonly Row[] = [];
    await readRatings(memory.db, path, form, site, async (records) => {
      rows = await memory.db.rows(records);
      return rows.length;
    });
    return rows;
  };
  const fieldsOf = ({ fault, c0, c1, c2, c3 }: Row) => [fault, c0, c1, c2, c3];

  const layouts: readonly (readonly [string, FileForm, string])[] = [
    ["ratings.dat", stars, "2::1193::5::978300760\n1::661::3::978302109\n"],
    ["u.data", tabs, "2\t1193\t5\t978300760\n1\t661\t3\t978302109\n"],
    [
      "ratings.csv",
      named,
      "userId,movieId,rating,timestamp\n2,1193,5,978300760\n1,661,3,978302109\n",
    ],
  ];

  test.each(layouts)(
    "reads %s in file order: plain, gzip, Windows line ends, a last line without end",
    async (name, form, content) => {
      const spellings: readonly (readonly [string, string | Uint8Array])[] = [
        [name, content],
        [`${name}.gz`, gzipSync(content)],
        [name, content.replaceAll("\n", "\r\n")],
        [name, content.trimEnd()],
        [`${name}.gz`, gzipSync(content.replaceAll("\n", "\r\n").trimEnd())],
      ];
      for (const [file, text] of spellings) {
        expect((await read(form, file, text)).map(fieldsOf)).toEqual([
          [null, "2", "1193", "5", "978300760"],
          [null, "1", "661", "3", "978302109"],
        ]);
      }
    },
  );

  test.each([
    ["ratings.dat", stars, "1::661::3::978302109\n1::2\n"],
    ["u.data", tabs, "1\t661\t3\t978302109\n1\t2\n"],
  ])("a short line of %s is a record with a fault, its line and its text", async (...file) => {
    const [name, form, content] = file;
    const rows = await read(form, name, content);
    expect(rows.map(fieldsOf)).toEqual([
      [null, "1", "661", "3", "978302109"],
      ["the line lacks fields", null, null, null, null],
    ]);
    expect(rows[1]).toMatchObject({ line: 2, content: content.trimEnd().split("\n")[1] });
  });
});

describe("openMetadata", () => {
  const read = async (name: string, content: Uint8Array) => {
    const { path, site } = await made(name, content);
    const rows = await memory.db.rows(
      await openMetadata(memory.db, path, wholeLines, "items", site),
    );
    return rows.map(({ fault, c0 }) => [fault, c0]);
  };
  const lines = ["1::Misérables, Les (1995)::Drama", "2::Amélie (2001)::Comedy"];

  test.each(["latin1", "utf8"] as const)("reads whole lines in %s", async (encoding) => {
    const whole = lines.map((line) => [null, line]);
    expect(await read("movies.dat", Buffer.from(`${lines.join("\n")}\n`, encoding))).toEqual(whole);
    expect(await read("movies.dat", Buffer.from(lines.join("\r\n"), encoding))).toEqual(whole);
  });
});
