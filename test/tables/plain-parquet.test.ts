import { mkdir, readFile, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { literalPattern } from "../../src/tables/files/literal-path.ts";
import { mountTables } from "../../src/tables/mount-tables.ts";
import { plainParquet } from "../../src/tables/files/plain-parquet.ts";
import { quote } from "../../src/tables/quote.ts";
import { sqlFile } from "../../src/tables/sql-file.ts";
import { openTableFile } from "../../src/tables/files/table-file.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

const memory = useMemoryDatabase();

/** Folders that say nothing about the rows in them. */
const folders = [
  ...["variant=base", "seed=7/split=train", "user_id=7", "date=2024-01-01", "a=b=c", "=", "x="],
  ...["two words", "it's", 'say "so"', "br[ack]et", "[!a]", "[a-z]", "x]", "cur{l,y}", "star*"],
  ...["ques?tion", "**", "ünïcødé 日本", "new\nline", "tab\there", "100%25", "ha#sh", "semi;colon"],
  ...["back\\slash", "back\\[slash", "~", "$user", "-dash", "file:", "s3:", "http:/x"],
];

/** Writes one row with a user 3 of variant w as a part below the folder. */
async function writePart(
  folder: string,
): Promise<{ readonly runDir: string; readonly path: string }> {
  const runDir = join(await scratchFolder(), folder, "run");
  const path = join(runDir, "tables/results/part-00000.0123abcd.parquet");
  await mkdir(dirname(path), { recursive: true });
  await memory.db.run(
    `copy (select 3 as user_id, 'w' as variant, 5 as seed, 'test' as split, '01' as date) to ${quote(path)} (format parquet)`,
  );
  return { runDir, path };
}

const row = { user_id: 3, variant: "w", seed: 5, split: "test", date: "01" };

describe("a path is only a path", () => {
  test.each(folders)("to a mounted table, below %j", async (folder) => {
    const { runDir, path } = await writePart(folder);
    const file = { table: "results", path: path.slice(runDir.length + 1), rows: 1 };
    await mountTables(memory.db, { odd: [{ ...file, bytes: 0, sha256: "" }] }, runDir);
    expect(await memory.db.rows("select * from odd")).toEqual([row]);
  });

  test.each(folders)("to a user's own file, below %j", async (folder) => {
    const { path } = await writePart(folder);
    const { source, columns } = await openTableFile(memory.db, path);
    expect(columns.map(({ name }) => name)).toEqual(Object.keys(row));
    expect(await memory.db.rows(`select * from ${source}`)).toEqual([row]);
  });

  test.each(folders)("to a part that is read in stretches, below %j", async (folder) => {
    const { path } = await writePart(folder);
    const params = { part: literalPattern(path), stretch_rows: 10 };
    expect(await memory.db.rows(sqlFile("train/part_chunks"), params)).toEqual([
      { first_row: 0, split: "test", rows: 1 },
    ]);
  });

  test("does not take the file beside it that its name would match as a pattern", async () => {
    const folder = await scratchFolder();
    for (const [name, id] of Object.entries({
      "[ab].parquet": 1,
      "a.parquet": 2,
      "*.parquet": 3,
    })) {
      await memory.db.run(
        `copy (select ${id} as id) to ${quote(join(folder, name))} (format parquet)`,
      );
    }
    const read = (...names: string[]) =>
      memory.db.rows(`from ${plainParquet(names.map((name) => join(folder, name)))}`);
    expect(await read("[ab].parquet")).toEqual([{ id: 1 }]);
    expect(await read("*.parquet")).toEqual([{ id: 3 }]);
    expect(await read("a.parquet", "[ab].parquet")).toEqual([{ id: 2 }, { id: 1 }]);
  });

  test("gives a row's file and place where they are asked for", async () => {
    const { path } = await writePart("variant=base");
    const source = plainParquet([path], { hasFileName: true, hasRowNumber: true });
    expect(await memory.db.rows(`from ${source}`)).toEqual([
      { ...row, filename: path, file_row_number: 0 },
    ]);
  });

  test("holds for every Parquet file that is read: nowhere is DuckDB left to infer columns", async () => {
    const files = (await Promise.all(["src", "sql"].map(filesIn))).flat();
    const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
    const reads = texts.flatMap((text) => text.match(/read_parquet\([^)]*\)?.*/g) ?? []);
    expect(reads.length).toBeGreaterThan(3);
    expect(reads.filter((read) => !/hive_partitioning|\$\{options\.join/.test(read))).toEqual([]);
  });
});

async function filesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => /\.(ts|sql)$/.test(name)).map((name) => join(folder, name));
}
