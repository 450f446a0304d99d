import { join } from "node:path";
import { expect, test } from "vitest";
import type { FileRef, TaskProgress } from "../../../src/flow/task.ts";
import { makeTargets } from "../../../src/knowledge/construct/construct-targets-task.ts";
import type { Row } from "../../../src/tables/database.ts";
import { quote } from "../../../src/tables/quote.ts";
import { at, makeRunTable } from "../../util/hand-made-table.ts";
import { taskContext } from "../../util/hand-made-task.ts";
import { useMemoryDatabase } from "../../util/memory-database.ts";

const memory = useMemoryDatabase();

async function part(table: string): Promise<FileRef> {
  const path = `${table}.parquet`;
  await memory.db.run(`copy ${table} to ${quote(join(memory.dir, path))} (format parquet)`);
  return { table, path, rows: 0, bytes: 0, sha256: "" };
}

/** Ten users, each with two context rows and then item 90, which user 1 liked and user 2 disliked. */
async function makeInputs(): Promise<Readonly<Record<string, readonly FileRef[]>>> {
  const users = Array.from({ length: 10 }, (_, k) => 1 + k);
  const event = (user_id: number, rn: number, item_id: number, role: string) => {
    const label = rn === 3 && user_id % 2 === 0 ? 0 : 1;
    const rating = label === 1 ? 5 : 1;
    return { user_id, rn, item_id, rating, label, ts: at(1, rn), history_rn: rn - 1, role };
  };
  await makeRunTable(
    memory.db,
    "timeline",
    users.flatMap((user) => [
      event(user, 1, 11, "context"),
      event(user, 2, 12, "context"),
      event(user, 3, 90, "train"),
    ]),
  );
  await makeRunTable(
    memory.db,
    "user_contexts",
    users.map((user_id) => ({
      user_id,
      last_ts: at(1, 2),
      history_items: [11, 12],
      history_ratings: [5, 5],
    })),
  );
  await makeRunTable(memory.db, "item_contexts", [
    { item_id: 90, liker_id: 1, disliker_id: 2 },
    { item_id: 91 },
  ]);
  return {
    timeline: [await part("timeline")],
    user_contexts: [await part("user_contexts")],
    item_contexts: [await part("item_contexts")],
  };
}

async function run(config: Readonly<Record<string, number>>) {
  const progress: TaskProgress[] = [];
  const inputs = await makeInputs();
  let written = 0;
  const files = await makeTargets(
    {
      stage: "construct-targets",
      index: 0,
      key: "",
      module: "knowledge/construct/construct-targets-task",
      export: "makeTargets",
      config,
      runtime: null,
      params: {},
      outputs: ["user_targets", "item_targets"],
      inputs,
    },
    {
      ...taskContext(memory.dir),
      outputPath: (table) => join(memory.dir, `${table}-${written++}.parquet`),
      progress: (report) => void progress.push(report),
    },
  );
  const parts: (readonly [string, readonly Row[]])[] = [];
  for (const { table, path } of files) {
    parts.push([table, await memory.db.rows(`from read_parquet(${quote(path)})`)]);
  }
  return { files, parts, progress };
}

test("targets of a share of the users and items, in parts by id", async () => {
  const { files, parts, progress } = await run({ share: 0.5, seed: 1, history: 1, partRows: 2 });
  expect(files.map(({ table, rows }) => [table, rows])).toEqual([
    ["user_targets", 2],
    ["user_targets", 2],
    ["user_targets", 1],
    ["item_targets", 1],
  ]);
  const users = parts.slice(0, 3).flatMap(([, rows]) => rows);
  const ids = users.map((row) => Number(row["user_id"]));
  expect(new Set(ids).size).toBe(5);
  expect(ids).toEqual([...ids].sort((a, b) => a - b));
  expect(users.map(({ item_id, label, ts }) => [item_id, label, ts])).toEqual(
    ids.map((id) => [90, id % 2, at(1, 3)]),
  );
  const [target] = parts[3]?.[1] ?? [];
  expect(target).toMatchObject({ item_id: 90, history_items: [12], history_ratings: [5] });
  expect(Number(target?.["target_user_id"])).toBeGreaterThan(2);
  expect(progress.map(({ rowsDone, rowsTotal, unit }) => [rowsDone, rowsTotal, unit])).toEqual([
    [2, 5, "user targets"],
    [4, 5, "user targets"],
    [5, 5, "user targets"],
    [1, 1, "item targets"],
  ]);
});

test("without a share, four in ten", async () => {
  const { files } = await run({ history: 1 });
  expect(files.map(({ table, rows }) => [table, rows])).toEqual([
    ["user_targets", 4],
    ["item_targets", 1],
  ]);
});
