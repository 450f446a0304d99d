import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { defineDraw } from "../../../src/dataset/synth/draw-macro.ts";
import { synthesize, type SynthesizeOptions } from "../../../src/dataset/synth/synthesize.ts";
import { quote } from "../../../src/tables/quote.ts";
import { sqlFile } from "../../../src/tables/sql-file.ts";
import { leaveAbandoned } from "../../util/abandoned-folder.ts";
import { useMemoryDatabase } from "../../util/memory-database.ts";

const memory = useMemoryDatabase();

/** Makes a log in a folder of its own and returns the folder. */
async function make(name: string, options: Partial<SynthesizeOptions> = {}): Promise<string> {
  const outDir = join(memory.dir, name);
  await synthesize({
    ...{ rows: 20_000, users: 200, items: 100, seed: 1, outDir, threads: 2, memoryMb: 512 },
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...options,
  });
  return outDir;
}

async function hashes(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(folder)).sort();
  const hash = async (name: string): Promise<string> =>
    createHash("sha256")
      .update(await readFile(join(folder, name)))
      .digest("hex");
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await hash(name)] as const)),
  );
}

const log = (folder: string): string =>
  `read_parquet(${quote(`${folder}/interactions-*.parquet`)})`;

describe("draw", () => {
  test("is the published mixing function, bit by bit", async () => {
    await defineDraw(memory.db);
    // In plain JavaScript; Math.imul multiplies modulo 2^32.
    const lowbias32 = (x: number): number => {
      let mixed = Math.imul(x ^ (x >>> 16), 0x7feb352d);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
      return (mixed ^ (mixed >>> 16)) >>> 0;
    };
    const rows = await memory.db.rows(
      "select i, draw(0, 0, i) as mixed, draw(0, 1, i) as streamed from (values (0), (1), (12345), (4294967295)) as t (i)",
    );
    for (const { i, mixed, streamed } of rows) {
      expect(mixed).toBe(lowbias32(Number(i)));
      expect(streamed).toBe(lowbias32((Number(i) ^ 2654435769) >>> 0));
    }
    expect(rows).toHaveLength(4);
  });
});

describe("synthesize", () => {
  test("writes the rows asked for, of the users and items asked for, and no event twice", async () => {
    const folder = await make("log", { rows: 20_003 });
    const [counts] = await memory.db.rows(
      `select count(*) as rows, count(distinct (user_id, item_id, ts)) as events, min(user_id) as first_user,
         max(user_id) as last_user, min(item_id) as first_item, max(item_id) as last_item,
         bool_and(rating between 1 and 5) as in_range from ${log(folder)}`,
    );
    expect(counts).toEqual({
      ...{ rows: 20_003, events: 20_003, in_range: true },
      ...{ first_user: 1, last_user: 200, first_item: 1, last_item: 100 },
    });
    const [items] = await memory.db.rows(
      `select count(*) as rows, count(distinct title) as titles, count(genre) as genres from ${quote(join(folder, "items.parquet"))}`,
    );
    expect(items).toEqual({ rows: 100, titles: 100, genres: 100 });
  });

  test("is skewed, in order of time, with ties, and its stars follow the item", async () => {
    const rows = log(await make("log"));
    const shares = await memory.db.rows(
      `select sum(rows) filter (place <= 10) / sum(rows) as top_tenth_of_items, max(rows) as most
       from (select count(*) as rows, row_number() over (order by count(*) desc) as place from ${rows} group by item_id)`,
    );
    // The cube of a uniform number lies below a tenth in 46 of 100 cases.
    expect(shares[0]?.["top_tenth_of_items"]).toBeGreaterThan(0.42);
    const [order] = await memory.db.rows(
      `select count(*) filter (ts < before) / count(*) as back, count(*) filter (ts = before and user_id = last_user) / count(*) as ties
       from (select ts, user_id, lag(ts) over () as before, lag(user_id) over () as last_user from ${rows})`,
    );
    expect(order).toEqual({ back: 0, ties: 0.25 });
    const [spread] = await memory.db.rows(
      `select stddev(mean) as spread from (select avg(rating) as mean, count(*) as n from ${rows} group by item_id) where n > 100`,
    );
    expect(spread?.["spread"]).toBeGreaterThan(0.3);
  });

  test("gives the same files for the same options, another log for another seed", async () => {
    const [first, again, other] = [await make("a"), await make("b"), await make("c", { seed: 2 })];
    const of = await hashes(first);
    expect(Object.keys(of)).toEqual(["interactions-00000.parquet", "items.parquet"]);
    expect(await hashes(again)).toEqual(of);
    expect(Object.values(await hashes(other))).not.toContain(of["interactions-00000.parquet"]);
  });

  test("leaves its files and nothing else, also of an earlier call that was killed", async () => {
    await leaveAbandoned(join(memory.dir, "again"), "r4ec-synth-killed");
    const folder = await make("again");
    expect((await readdir(folder)).sort()).toEqual(["interactions-00000.parquet", "items.parquet"]);
  });

  test("the number of files changes nothing but the cut", async () => {
    const one = await make("one");
    const three = await make("three", { files: 3 });
    expect((await readdir(three)).filter((name) => name.startsWith("inter"))).toHaveLength(3);
    const [difference] = await memory.db.rows(
      `select count(*) as rows from (from ${log(one)} except all from ${log(three)})`,
    );
    expect(difference).toEqual({ rows: 0 });
  });

  test.each([
    [{ rows: 0 }, "--rows: expected a whole number from 1 to 17179869184, got 0"],
    [{ items: 1 }, "--items: expected a whole number from 2 to 2147483647, got 1"],
    [{ files: 30_000 }, "--files: expected a whole number from 1 to 20000, got 30000"],
  ])("refuses %j", async (options, message) => {
    await expect(make("log", options)).rejects.toMatchObject({ code: "CONFIG_INVALID", message });
  });

  test("a row follows from its number: a stretch from the middle is that of the whole", async () => {
    await defineDraw(memory.db);
    const sizes = { users: 200, items: 100, seed: 1 };
    const stretch = (first: number, end: number) =>
      memory.db.rows(sqlFile("synth/interactions"), { ...sizes, first, end, visit_us: 1000 });
    expect(await stretch(402, 410)).toEqual((await stretch(0, 420)).slice(402, 410));
    const items = await memory.db.rows(sqlFile("synth/items"), { items: 5, seed: 1 });
    const more = await memory.db.rows(sqlFile("synth/items"), { items: 50, seed: 1 });
    expect(items).toEqual(more.slice(0, 5));
  });
});
