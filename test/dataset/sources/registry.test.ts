import { join } from "node:path";
import { expect, test } from "vitest";
import type { DatasetSettings } from "../../../src/dataset/settings.ts";
import { sources } from "../../../src/dataset/sources/registry.ts";
import type { Database } from "../../../src/tables/database.ts";
import { quote } from "../../../src/tables/quote.ts";
import { makeFolder } from "../../util/hand-made-task.ts";
import { testSource, type SourceExample } from "./source-contract.ts";

const events = [
  { u: 1, i: 10, r: 5, t: 1_600_000_001 },
  { u: 2, i: 10, r: 3, t: 1_600_000_002 },
  { u: 1, i: 20, r: 4, t: 1_600_000_003 },
];
const columns = { user: "u", item: "i", rating: "r", time: "t" };

const lines = (...texts: readonly string[]): string => texts.map((text) => `${text}\n`).join("");
const jsonLines = (rows: readonly object[]): string =>
  lines(...rows.map((row) => JSON.stringify(row)));
const texts =
  (files: Readonly<Record<string, string>>): SourceExample["write"] =>
  (dir) =>
    makeFolder(dir, files);

/** One for each source: a source without an example does not compile. */
const examples: Readonly<Record<DatasetSettings["source"], SourceExample>> = {
  quickstart: {
    write: texts({}),
    settings: () => ({ viewers: 2 }),
    rows: 69,
    isSimulated: true,
  },
  movielens: {
    write: texts({
      "ratings.dat": lines(...events.map(({ u, i, r, t }) => [u, i, r, t].join("::"))),
      "movies.dat": lines("10::A (1990)::Drama", "20::B (1991)::Comedy"),
      "users.dat": lines("1::F::1::10::48067", "2::M::56::16::70072"),
    }),
    settings: (dir) => ({ path: dir }),
    rows: 3,
  },
  parquet: {
    write: (dir: string, db: Database) =>
      db.run(
        `copy (from (values (1, 10, 5, 1600000001), (2, 10, 3, 1600000002), (1, 20, 4, 1600000003)) as e(u, i, r, t)) to ${quote(join(dir, "log.parquet"))} (format parquet)`,
      ),
    settings: (dir) => ({ interactions: join(dir, "*.parquet"), columns }),
    rows: 3,
  },
  csv: {
    write: texts({
      "log.csv": lines("u,i,r,t", ...events.map(({ u, i, r, t }) => [u, i, r, t].join(","))),
      "items.csv": lines("item_id,title", "10,A", "20,B"),
      "users.csv": lines("user_id,age", "1,30", "2,40"),
    }),
    settings: (dir) => ({
      ...{ interactions: join(dir, "log.csv"), columns },
      items: { path: join(dir, "items.csv") },
      users: { path: join(dir, "users.csv"), attributes: ["age"] },
    }),
    rows: 3,
  },
  json: {
    write: texts({ "log.jsonl": jsonLines(events) }),
    settings: (dir) => ({ interactions: [join(dir, "log.jsonl")], columns, ids: "dictionary" }),
    rows: 3,
  },
  amazon: {
    write: texts({
      "Books.jsonl": jsonLines(
        events.map(({ u, i, r, t }) => ({
          ...{ user_id: `U${u}`, parent_asin: `I${i}`, rating: r, timestamp: t * 1000 },
        })),
      ),
      "meta_Books.jsonl": jsonLines([
        { parent_asin: "I10", title: "A", store: "S", categories: ["Books", "History"] },
        { parent_asin: "I20", title: "B", store: null, categories: [] },
      ]),
    }),
    settings: (dir) => ({
      reviews: join(dir, "Books.jsonl"),
      metadata: [join(dir, "meta_Books.jsonl")],
    }),
    rows: 3,
  },
};

for (const { name } of sources) testSource(name, examples[name]);

test("no two sources have the same name", () => {
  const names = sources.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});
