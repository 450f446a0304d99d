import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  loadedCounts,
  loadedEvents,
  loadedRejects,
  loadSource,
} from "../../../util/load-source.ts";
import { useMemoryDatabase } from "../../../util/memory-database.ts";

const memory = useMemoryDatabase();

const rows = Array.from({ length: 120 }, (_, k) => ({
  who: `u${k % 7}`,
  what: k + 1,
  stars: (k % 5) + 1,
  at: 1_700_000_000 + k,
}));

async function load(content: string, settings: object = {}): Promise<void> {
  const path = join(memory.dir, "log.json");
  await writeFile(path, content);
  await loadSource(memory, {
    ...{ source: "json", interactions: path },
    columns: { user: "who", item: "what", rating: "stars", time: "at" },
    ...settings,
  });
}

const lines = rows.map((row) => JSON.stringify(row));
const items = rows.map(({ what }) => what);

describe("objects that do not stand in a line each", () => {
  test.each([
    ["one after another", lines.join("")],
    ["one after another, with spaces", lines.join(" ")],
    ["over several lines", rows.map((row) => JSON.stringify(row, null, 2)).join("\n")],
    ["the first two in one line", `${lines[0] ?? ""}${lines.slice(1).join("\n")}`],
    ["a list with a comma at its end", `[${lines.join(",")},]`],
    ["a list over lines with a comma at its end", `[\n${lines.join(",\n")},\n]\n`],
    ["two lists", `[${lines.slice(0, 50).join(",")}]\n[${lines.slice(50).join(",")}]`],
  ])("are read: %s", async (_, content) => {
    await load(content);
    expect((await loadedEvents(memory)).map(([, item]) => item)).toEqual(items);
  });

  test("a value of a list that is no object costs itself only", async () => {
    const spoilt = lines.with(3, '{"who": tru}').with(5, "17");
    await load(`[\n${spoilt.join(",\n")},\n]`, { onBadRow: "skip", maxBadShare: 0.1 });
    expect(await loadedRejects(memory)).toEqual([
      [5, "the line is not a JSON object", '{"who": tru}'],
      [7, "the line is not a JSON object", "17"],
    ]);
    expect((await loadedCounts(memory))[0]).toEqual(["read", "", 120]);
  });

  test("a list whose end is missing is refused with the line", async () => {
    await expect(load(`[\n${lines.join(",\n")},\n{"who":`)).rejects.toThrow(
      /log\.json: line 122: a value starts here that is never closed/,
    );
  });
});

describe("values of MongoDB's extended JSON", () => {
  test.each([
    ["numbers", (row: (typeof rows)[0]) => ({ stars: { $numberInt: String(row.stars) } })],
    ["long numbers", (row: (typeof rows)[0]) => ({ stars: { $numberLong: String(row.stars) } })],
    ["dates", (row: (typeof rows)[0]) => ({ at: { $date: row.at * 1000 } })],
    [
      "canonical dates",
      (row: (typeof rows)[0]) => ({ at: { $date: { $numberLong: String(row.at * 1000) } } }),
    ],
    ["written dates", (row: (typeof rows)[0]) => ({ at: { $date: new Date(row.at * 1000) } })],
    ["ids", (row: (typeof rows)[0]) => ({ who: { $oid: row.who } })],
  ])("are read as the values they stand for: %s", async (_, spell) => {
    await load(rows.map((row) => JSON.stringify({ ...row, ...spell(row) })).join("\n"));
    expect(await loadedEvents(memory)).toEqual(
      rows.map(({ who, what, stars, at }) => [
        Number(who.slice(1)) + 1,
        what,
        stars,
        new Date(at * 1000).toISOString(),
      ]),
    );
  });
});

describe("files whose rows are somewhere else", () => {
  test("one object with a column in each key", async () => {
    const columns = Object.fromEntries(
      (["who", "what", "stars", "at"] as const).map((name) => [
        name,
        Object.fromEntries(rows.map((row, k) => [String(k), row[name]])),
      ]),
    );
    await expect(load(JSON.stringify(columns))).rejects.toThrow(
      /dataset\.columns\.user: who of \S+ holds lists or objects, such as \{"0":"u0".*the file seems to hold columns: write one object for each row/,
    );
  });

  test("one object with a list of the rows", async () => {
    await expect(load(JSON.stringify({ rows }))).rejects.toThrow(
      `has no column who, only rows, in one object; if rows holds a list of the rows, write that list alone, as by jq '.["rows"]' FILE > NEW`,
    );
  });

  test("an object in every row", async () => {
    const nested = rows.map((row) => JSON.stringify({ ...row, who: { name: row.who } }));
    await expect(load(nested.join("\n"))).rejects.toThrow(
      /such as \{"name":"u0"\}, but each row needs one value there; write a row for each value/,
    );
  });
});

test.each([
  [String.raw`"a\ud83d"`, true],
  [String.raw`"a\udd00b"`, true],
  [String.raw`"a\ud83d\ud83d\ude00"`, true],
  [String.raw`"\ud83d\ude00"`, false],
  [String.raw`"a\\ud83d"`, false],
])("half of a surrogate pair is named: %s", async (who, isHalf) => {
  const line = `{"who":${who},"what":500,"stars":3,"at":1700000000}`;
  await load([...lines, line].join("\n"), { onBadRow: "skip" });
  expect((await loadedRejects(memory)).map(([, reason]) => reason)).toEqual(
    isHalf ? ["the line holds half of a surrogate pair, such as \\ud83d alone"] : [],
  );
});
