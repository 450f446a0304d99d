import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fileCheck } from "../../src/flow/file-check.ts";
import type { Catalog } from "../../src/flow/stage.ts";
import type { FileRef } from "../../src/flow/task.ts";
import { mountChecked } from "../../src/tables/mount-checked.ts";
import { quote } from "../../src/tables/quote.ts";
import { readBatches } from "../../src/tables/read-batches.ts";
import { fileRef } from "../util/file-ref.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

/** Tables of one number each, in two parts. */
async function tablesOf(...names: readonly string[]): Promise<Catalog> {
  const write = async (table: string, part: number) => {
    const path = `tables/${table}/${part}.parquet`;
    await mkdir(join(memory.dir, "tables", table), { recursive: true });
    const to = quote(join(memory.dir, path));
    await memory.db.run(`copy (select ${part} as number) to ${to} (format parquet)`);
    return fileRef(memory.dir, table, path, 1);
  };
  const tables = names.map(async (name) => [name, [await write(name, 1), await write(name, 2)]]);
  return Object.fromEntries(await Promise.all(tables)) as Catalog;
}

const partOf = (table: string, part: number): string =>
  join(memory.dir, "tables", table, `${part}.parquet`);

/** Changes one byte of a file. */
async function flip(path: string, place: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

const damages: readonly (readonly [string, (path: string) => Promise<void>, string])[] = [
  ["a byte flipped in its data", (path) => flip(path, 8), "its content is not what was written"],
  ["a byte flipped in its footer", (path) => flip(path, 60), "its content is not what was written"],
  ["been cut", (path) => writeFile(path, "PAR1"), "it has 4 bytes, "],
  ["been emptied", (path) => writeFile(path, ""), "it has 0 bytes, "],
  ["been deleted", (path) => rm(path), "it is missing"],
];

describe("mountChecked", () => {
  test.each(damages.flatMap((damage) => [1, 2].map((part) => [part, ...damage] as const)))(
    "part %i of a table has %s: every way to read it is refused, and no other table",
    async (part, _what, damage, fault) => {
      const tables = await tablesOf("words", "wordy");
      await damage(partOf("words", part));
      const db = await mountChecked(memory.db, tables, memory.dir);
      const refused = {
        code: "RUN_INVALID",
        message: expect.stringMatching(
          new RegExp(`words/${part}\\.parquet: ${fault}.*r4ec run .* --repair`),
        ) as unknown,
      };
      await expect(db.rows("select sum(number) from words")).rejects.toMatchObject(refused);
      await expect(db.rows('from "WORDS"')).rejects.toMatchObject(refused);
      await expect(db.run("create view w as from words")).rejects.toMatchObject(refused);
      await expect(readBatches(db, "from words").next()).rejects.toMatchObject(refused);
      await expect(db.onFork((own) => own.rows("from words"))).rejects.toMatchObject(refused);
      expect(await db.rows("select sum(number)::int as s from wordy")).toEqual([{ s: 3 }]);
    },
  );

  test("reads whole tables, and statements that name none", async () => {
    const db = await mountChecked(memory.db, await tablesOf("words"), memory.dir);
    expect(await db.rows("select 1 as one")).toEqual([{ one: 1 }]);
    expect(await db.rows("from words order by all")).toEqual([{ number: 1 }, { number: 2 }]);
    const none = await mountChecked(memory.db, {}, memory.dir);
    expect(await none.rows("select 1 as one")).toEqual([{ one: 1 }]);
  });

  test.each(["a byte flipped in its data", "been deleted"])(
    "a dictionary has %s: statements that translate ids are refused, and no others",
    async (what) => {
      const copied = async (subject: string): Promise<FileRef> => {
        const table = `${subject}_dictionary`;
        const path = `tables/${table}/0.parquet`;
        await mkdir(join(memory.dir, "tables", table), { recursive: true });
        await memory.db.run(
          `copy (select 7::integer as ${subject}_id, 'seven' as source_id) to ${quote(join(memory.dir, path))} (format parquet)`,
        );
        return fileRef(memory.dir, table, path, 1);
      };
      const tables = {
        ...(await tablesOf("words")),
        user_dictionary: [await copied("user")],
        item_dictionary: [await copied("item")],
      };
      const whole = await mountChecked(memory.db, tables, memory.dir);
      const macros = "select source_user_id(7) as user, run_item_id('seven') as item";
      expect(await whole.rows(macros)).toEqual([{ user: "seven", item: 7 }]);
      const [, damage] = damages.find(([name]) => name === what) ?? [];
      await damage?.(partOf("user_dictionary", 0));
      const db = await mountChecked(memory.db, tables, memory.dir);
      for (const use of ["source_user_id(7)", "source_user_ids([7])", "source_id('user', 7)"]) {
        await expect(db.rows(`select ${use}`)).rejects.toMatchObject({
          code: "RUN_INVALID",
          message: expect.stringMatching(/user_dictionary\/0\.parquet: it.*--repair/) as unknown,
        });
      }
      expect(await db.rows("select sum(number)::int as s from words")).toEqual([{ s: 3 }]);
    },
  );

  test("reads a content once: what is known to be whole is not read again", async () => {
    const tables = await tablesOf("words");
    const check = fileCheck(memory.dir);
    check.trust(tables["words"] ?? []);
    await flip(partOf("words", 1), 0);
    expect(
      await check.faultOf((tables["words"] ?? [])[0] ?? { path: "", bytes: 0, sha256: "" }),
    ).toBe(null);
    await writeFile(partOf("words", 1), "");
    await expect(check.require(tables["words"] ?? [])).rejects.toThrow("it has 0 bytes");
  });
});
