import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder } from "../../../../util/hand-made-task.ts";
import { loadedEvents, loadSource } from "../../../../util/load-source.ts";
import { useMemoryDatabase } from "../../../../util/memory-database.ts";

const memory = useMemoryDatabase();

const events = [
  { user_id: 5, item_id: 1, ts: 1700000000, rating: 4 },
  { user_id: 5, item_id: 2, ts: 1700000001, rating: 2 },
];
const items = [
  { item_id: 1, title: "One", mood: ["calm"], age: null },
  { item_id: 2, name: "Two" },
];
const users = [{ user_id: 5, sex: "f" }];

const jsonLines = (rows: readonly object[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** Loads JSON files with other settings than theirs; `write` makes the text of each. */
async function load(
  settings: {
    readonly columns?: object;
    readonly items?: object;
    readonly users?: object;
  },
  write = jsonLines,
): Promise<unknown> {
  const files = { "log.json": events, "items.json": items, "users.json": users };
  const dir = await makeFolder(
    join(memory.dir, "in"),
    Object.fromEntries(Object.entries(files).map(([name, rows]) => [name, write(rows)])),
  );
  return loadSource(memory, {
    ...{ source: "json", interactions: join(dir, "log.json") },
    columns: { rating: "rating", ...settings.columns },
    items: { path: join(dir, "items.json"), ...settings.items },
    users: { path: join(dir, "users.json"), ...settings.users },
  });
}

const at = (name: string): string => join(memory.dir, "in", name);

describe("keys that no object of a JSON file has", () => {
  const lists = [
    ["lines", jsonLines],
    ["one list", (rows: readonly object[]) => JSON.stringify(rows)],
    ["one list on many lines", (rows: readonly object[]) => JSON.stringify(rows, null, 2)],
  ] as const;

  const ofItems = "item_id, title, mood, age, name";
  const ofEvents = "user_id, item_id, ts, rating";
  const cases = [
    { setting: "columns.user", file: "log", name: "user", known: ofEvents },
    { setting: "columns.rating", file: "log", name: "stars", known: ofEvents },
    { setting: "items.id", file: "items", name: "id", known: ofItems },
    { setting: "items.title", file: "items", name: "Title", known: ofItems },
    { setting: "items.year", file: "items", name: "year", known: ofItems },
    { setting: "items.text", file: "items", name: "plot", known: ofItems },
    { setting: "items.attributes", file: "items", name: "moods", known: ofItems },
    { setting: "users.attributes", file: "users", name: "gender", known: "user_id, sex" },
  ];

  test.each(cases.flatMap((each) => lists.map(([how, write]) => ({ ...each, how, write }))))(
    "$how: $setting",
    async ({ setting, file, name, known, write }) => {
      const [block = "", key = ""] = setting.split(".");
      const value = ["text", "attributes"].includes(key) ? [name] : name;
      await expect(load({ [block]: { [key]: value } }, write)).rejects.toMatchObject({
        code: "INPUT_INVALID",
        message: `dataset.${setting}: ${at(`${file}.json`)} has no column ${name}, only ${known}`,
      });
    },
  );

  test.each(lists)(
    "%s: a key of some objects, or one that is always null, is one",
    async (_, write) => {
      await load(
        { items: { attributes: ["mood", "age", "name"] }, users: { attributes: ["sex"] } },
        write,
      );
      expect(await memory.db.rows("select * from source_items order by item_id")).toEqual([
        { item_id: 1, title: "One", year: null, attributes: { mood: ["calm"] } },
        { item_id: 2, title: "2", year: null, attributes: { name: ["Two"] } },
      ]);
      expect(await loadedEvents(memory)).toHaveLength(2);
    },
  );

  test("an envelope is told by its key", async () => {
    const wrapped = (rows: readonly object[]): string => JSON.stringify({ data: rows });
    await expect(load({}, wrapped)).rejects.toThrow("has no column user_id, only data");
  });
});
