import { Readable } from "node:stream";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { FileRef } from "../../../src/flow/task.ts";
import { sampleContexts } from "../../../src/knowledge/contexts/sample-contexts.ts";
import { knowledgeSettings } from "../../../src/knowledge/settings.ts";
import { batchFromRows } from "../../../src/tables/batch-from-rows.ts";
import type { Row } from "../../../src/tables/database.ts";
import { writeBatches } from "../../../src/tables/write-batches.ts";
import { fileRef } from "../../util/file-ref.ts";
import { useMemoryDatabase } from "../../util/memory-database.ts";

const memory = useMemoryDatabase();

async function part(table: string, rows: readonly Row[]): Promise<FileRef> {
  const path = `${table}.parquet`;
  const batches = Readable.from([batchFromRows(table, rows)]);
  await writeBatches(memory.db, table, batches, { outputPath: () => join(memory.dir, path) });
  return fileRef(memory.dir, table, path, rows.length);
}

const films = [1, 2].map((id) => ({
  item_id: id,
  title: `Film ${id}`,
  year: 1950,
  attributes: { genre: ["Drama"], mood: ["dark"] },
}));

const users = (count: number): readonly Row[] =>
  Array.from({ length: count }, (_, place) => ({
    user_id: place + 1,
    last_ts: new Date(0),
    history_items: [1, 2],
    history_ratings: [5, 3],
  }));

/** User u has u events after the context. */
const timeline = (count: number): readonly Row[] =>
  Array.from({ length: count }, (_, place) => place + 1).flatMap((user) =>
    Array.from({ length: user }, (_, place) => ({
      user_id: user,
      item_id: 1,
      rating: 4,
      role: "train",
      rn: place + 1,
      ts: new Date(place * 1000),
    })),
  );

async function draw(
  tables: readonly FileRef[],
  most: number,
  knowledge: object = {},
): Promise<{ readonly subjects: number; readonly ids: readonly number[] }> {
  const { subjects, sample } = await sampleContexts(memory.db, "user", most, {
    runDir: memory.dir,
    tables: Object.fromEntries(tables.map((table) => [table.table, [table]])),
    knowledge: knowledgeSettings.parse(knowledge),
    positiveAbove: 3,
  });
  if (sample.subject !== "user") throw new Error("expected users");
  return { subjects, ids: sample.contexts.map(({ userId }) => userId) };
}

describe("sampleContexts", () => {
  test("counts all, and draws as many as asked from all over, the same every time", async () => {
    const tables = [await part("items", films), await part("user_contexts", users(100))];
    const first = await draw(tables, 10);
    expect(first).toMatchObject({ subjects: 100, ids: { length: 10 } });
    expect(new Set(first.ids).size).toBe(10);
    expect(Math.max(...first.ids) - Math.min(...first.ids)).toBeGreaterThan(20);
    expect(await draw(tables, 10)).toEqual(first);
    const all = await draw(tables, 200);
    expect([...all.ids].sort((a, b) => a - b)).toEqual(users(100).map((row) => row["user_id"]));
  });

  test("gives contexts as the prompts need them, with the attributes they may name", async () => {
    const { sample } = await sampleContexts(memory.db, "user", 5, {
      runDir: memory.dir,
      tables: {
        items: [await part("items", films)],
        user_contexts: [await part("user_contexts", users(1))],
      },
      knowledge: knowledgeSettings.parse({ attributes: ["genre"] }),
      positiveAbove: 3,
    });
    expect(sample.contexts).toMatchObject([
      {
        userId: 1,
        history: [
          { item: { title: "Film 1", attributes: { genre: ["Drama"] } }, rating: 5, liked: true },
          { item: { title: "Film 2" }, rating: 3, liked: false },
        ],
      },
    ]);
  });

  test("leaves out users who are not active, by the table of tiers or before there is one", async () => {
    const tables = [
      await part("items", films),
      await part("user_contexts", users(8)),
      await part("timeline", timeline(8)),
    ];
    // A quarter of eight, the most active; users with six events or more.
    expect(await draw(tables, 9, { tiers: { activeShare: 0.25 } })).toMatchObject({ subjects: 2 });
    const active = await draw(tables, 9, { tiers: { activeFrom: 6 } });
    expect([...active.ids].sort()).toEqual([6, 7, 8]);
    const rows = users(8).map(({ user_id }) => ({
      user_id,
      interactions: 1,
      is_active: user_id === 3,
    }));
    const made = [...tables.slice(0, 2), await part("user_tiers", rows)];
    await memory.db.run("drop table user_tiers");
    expect(await draw(made, 9, { tiers: { activeFrom: 6 } })).toEqual({ subjects: 1, ids: [3] });
  });
});
