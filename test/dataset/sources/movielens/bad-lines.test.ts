import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadMovielens } from "../../../../src/dataset/sources/movielens/load-movielens.ts";
import {
  movielensSettings,
  type MovielensSettings,
} from "../../../../src/dataset/sources/movielens/settings.ts";
import { movielens } from "../../../../src/dataset/sources/movielens/source.ts";
import type { SourceSite } from "../../../../src/dataset/sources/source.ts";
import { makeFolder } from "../../../util/hand-made-task.ts";
import { loadedCounts, loadedEvents, loadedRejects } from "../../../util/load-source.ts";
import { useMemoryDatabase } from "../../../util/memory-database.ts";

const memory = useMemoryDatabase();

async function site(): Promise<SourceSite> {
  const tempDir = await makeFolder(join(memory.dir, "staged"), {});
  return { tempDir, signal: AbortSignal.timeout(600_000) };
}

const second = 946_684_800;
const numbers = Array.from({ length: 299 }, (_, k) => k + 1);
/** 299 users, each with a rating of the film of the same number. */
const ratings = numbers.map((n) => `${n}::${n}::4::${second + n}`);
const movies = numbers.map((n) => `${n}::Film ${n} (2000)::Drama`);
const users = numbers.map((n) => `${n}::F::25::4::12345`);

interface Spoilt {
  readonly ratings?: readonly string[];
  readonly movies?: readonly string[];
  readonly users?: readonly string[];
}

/** A folder with these lines in place of the second ones of its files. */
async function folder(spoilt: Spoilt, settings: object = {}): Promise<MovielensSettings> {
  const text = (lines: readonly string[], others: readonly string[] | undefined): string =>
    [...lines.slice(0, 1), ...(others ?? lines.slice(1, 2)), ...lines.slice(2), ""].join("\n");
  const path = await makeFolder(join(memory.dir, "source"), {
    "ratings.dat": text(ratings, spoilt.ratings),
    "movies.dat": text(movies, spoilt.movies),
    "users.dat": text(users, spoilt.users),
  });
  return movielensSettings.parse({ source: "movielens", path, ...settings });
}

const skip = { onBadRow: "skip" };

describe("lines left out with onBadRow: skip", () => {
  test("of ratings are listed in rejects and counted", async () => {
    const settings = await folder({ ratings: ["1::x::4::5", "2::1::9::5"] }, skip);
    await loadMovielens(memory.db, settings, await site());
    expect(await loadedRejects(memory)).toEqual([
      [2, "the item id 'x' is not an integer from 1 to 2147483647", "1 | x | 4 | 5"],
      [3, "the rating 9 is outside 0.5 to 5", "2 | 1 | 9 | 5"],
    ]);
    expect(await loadedCounts(memory)).toEqual([
      ["read", "", 300],
      ["bad row", "the rating is invalid", 2],
      ["kept", "", 298],
    ]);
    expect(await loadedEvents(memory)).toHaveLength(298);
  });

  test.each([
    ["2::2::4::5::6", "the line has too many fields"],
    ["2::2", "the line lacks fields"],
    [`"2::2::4::5`, `the user id '"2' is not an integer from 1 to 2147483647`],
  ])("the rating %j costs its own line only", async (line, reason) => {
    await loadMovielens(memory.db, await folder({ ratings: [line] }, skip), await site());
    expect((await loadedRejects(memory)).map(([at, why]) => [at, why])).toEqual([[2, reason]]);
    expect(await loadedEvents(memory)).toHaveLength(298);
  });

  test.each([
    ["2::Film 2 (2000)", "the line lacks fields"],
    ["2::::Drama", "the title is missing"],
    ["zwei::Film 2 (2000)::Drama", "the item id 'zwei' is not an integer from 1 to 2147483647"],
    ["01::Film 2 (2000)::Drama", "repeats the item of line 1"],
  ])("of items too, and the ratings of such an item: %j", async (line, reason) => {
    const settings = await folder({ movies: [line] }, skip);
    await loadMovielens(memory.db, settings, await site());
    expect(await loadedRejects(memory, "items")).toEqual([[2, reason, line]]);
    expect(await loadedRejects(memory)).toEqual([
      [2, "the item has no metadata", `2 | 2 | 4.0 | ${second + 2}`],
    ]);
    expect(await loadedCounts(memory)).toEqual([
      ["read", "", 299],
      ["no metadata", "the item has no metadata", 1],
      ["kept", "", 298],
    ]);
    const events = await loadedEvents(memory);
    expect(events.map(([user]) => user)).toEqual(numbers.filter((n) => n !== 2));
  });

  test("a valid line counts although an invalid one of the same item stands before it", async () => {
    const settings = await folder({ movies: ["2::Film 2", movies[1] ?? ""] }, skip);
    await loadMovielens(memory.db, settings, await site());
    expect((await loadedRejects(memory, "items")).map(([at]) => at)).toEqual([2]);
    expect(await loadedEvents(memory)).toHaveLength(299);
  });

  test.each([
    ["2::F::25::4", "the line lacks fields"],
    ["::F::25::4::1", "the user id is missing"],
    ["1::F::25::4::1", "repeats the user of line 1"],
  ])("of users too, whose ratings stay: %j", async (line, reason) => {
    await loadMovielens(memory.db, await folder({ users: [line] }, skip), await site());
    expect((await loadedRejects(memory, "users")).map(([at, why]) => [at, why])).toEqual([
      [2, reason],
    ]);
    expect(await loadedEvents(memory)).toHaveLength(299);
  });

  test.each([
    [{ ratings: ["a", "b", "c", "d"] }, "ratings.dat"],
    [{ movies: ["a", "b", "c", "d"] }, "movies.dat"],
    [{ users: ["a", "b", "c", "d"] }, "users.dat"],
  ])("more than 1 % of a file stop a run: %j", async (spoilt, name) => {
    const settings = await folder(spoilt, skip);
    await expect(loadMovielens(memory.db, settings, await site())).rejects.toThrow(
      `/${name}: 4 faulty line(s):\n  line 2: the line lacks fields: a\n`,
    );
  });
});

describe("a title with the separator in it", () => {
  test("is read whole", async () => {
    const line = "2::Film: Part 2:: The Return (2001)::Drama|War";
    await loadMovielens(memory.db, await folder({ movies: [line] }), await site());
    const [film] = await memory.db.rows("select * from source_items where item_id = 2");
    expect(film).toMatchObject({ title: "Film: Part 2:: The Return", year: 2001 });
    expect(film?.["attributes"]).toEqual({ genre: ["Drama", "War"] });
  });
});

describe("blank lines", () => {
  test("are no records, and the lines after them keep their numbers", async () => {
    const spoilt = { ratings: ["", "", "2::2::9::5"], movies: ["", movies[1] ?? ""] };
    await loadMovielens(memory.db, await folder(spoilt, skip), await site());
    expect((await loadedRejects(memory)).map(([line]) => line)).toEqual([4]);
    expect((await loadedCounts(memory))[0]).toEqual(["read", "", 299]);
    const [row] = await memory.db.rows(
      "select file_row from source_interactions where user_id = 3",
    );
    expect(row?.["file_row"]).toBe(4);
  });
});

describe("describe", () => {
  test.each([
    [{}, ["2 invalid ratings", "1 invalid lines of", "1 ratings of items without metadata"]],
    [skip, []],
  ])("lists what a run would stop for, with %j", async (given, told) => {
    const bad = ["1::x::4::5", "2::2::9::5", ratings[1] ?? ""];
    const settings = await folder({ ratings: bad, movies: ["2::Film 2"] }, given);
    const { stops, rejects, counts } = await movielens.describe(memory.db, settings, await site());
    expect(stops.slice(0, told.length)).toEqual(
      told.map((text) => expect.stringContaining(text) as string),
    );
    expect(stops.slice(told.length)).toEqual([
      expect.stringMatching(/^all 298 interactions have label 1/) as string,
    ]);
    expect(rejects.map(({ source, first }) => [source, first.line])).toEqual([
      ["interactions", 4],
      ["interactions", 2],
      ["interactions", 3],
      ["items", 2],
    ]);
    expect(counts.map(({ rows }) => rows)).toEqual([301, 2, 1, 298]);
  });
});
