import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { approximateUsers } from "../../src/encode/approximate-task.ts";
import type { Json } from "../../src/base/json.ts";
import type { FileRef, TaskSpec } from "../../src/flow/task.ts";
import type { Row } from "../../src/tables/database.ts";
import { quote } from "../../src/tables/quote.ts";
import { loadVectors } from "../../src/train/data/vectors.ts";
import { createDenseIndex } from "../../src/train/data/dense-index.ts";
import { openRunFolder, toRef, type RunFolder } from "../train/run-folder.ts";

let run: RunFolder;

beforeAll(async () => {
  run = await openRunFolder();
});

afterAll(() => run.close());

interface User {
  readonly id: number;
  readonly isActive?: boolean;
  /** Items and ratings, oldest first. */
  readonly rated: readonly (readonly [item: number, stars: number])[];
}

const itemVectors: readonly Row[] = [
  { item_id: 1, encoder: "tiny", vector: [1, 0] },
  { item_id: 2, encoder: "tiny", vector: [0, 1] },
  { item_id: 3, encoder: "tiny", vector: [-1, 0.5] },
];

async function taskOver(
  users: readonly User[],
  config: Json,
  items: readonly Row[] = itemVectors,
): Promise<TaskSpec> {
  const tiers = users.map(({ id, isActive = false }) => ({ user_id: id, is_active: isActive }));
  const contexts = users.map(({ id, rated }) => ({
    user_id: id,
    history_items: rated.map(([item]) => item),
    history_ratings: rated.map(([, stars]) => stars),
  }));
  const part = async (table: string, rows: readonly Row[]): Promise<readonly FileRef[]> =>
    rows.length === 0 ? [] : [await run.writeTable(table, rows)];
  return {
    stage: "approximate",
    index: 0,
    key: "",
    module: "encode/approximate-task",
    export: "approximateUsers",
    config,
    runtime: null,
    params: {},
    inputs: {
      user_tiers: await part("user_tiers", tiers),
      user_contexts: await part("user_contexts", contexts),
      item_embeddings: await part("item_embeddings", items),
    },
    outputs: ["user_embeddings"],
  };
}

/** The parts written, and their rows by user. */
async function approximated(task: TaskSpec) {
  const written = await approximateUsers(task, run.context);
  const paths = written.map((file) => quote(file.path));
  if (paths.length === 0) return { written, rows: [] };
  const sql = `select * from read_parquet([${paths.join(", ")}]) order by user_id`;
  return { written, rows: await run.db.rows(sql) };
}

const users: readonly User[] = [
  {
    id: 8,
    rated: [
      [2, 5],
      [1, 2],
      [1, 5],
    ],
  },
  { id: 3, isActive: true, rated: [[1, 5]] },
  {
    id: 5,
    rated: [
      [1, 3],
      [2, 3.5],
    ],
  },
  { id: 4, rated: [[9, 5]] },
  {
    id: 6,
    rated: [
      [1, 4],
      [9, 4],
      [3, 1],
      [2, 4],
      [2, 3],
    ],
  },
];

describe("approximateUsers", () => {
  test("gives less active users the mean of the liked items' vectors, and says so", async () => {
    const { written, rows } = await approximated(
      await taskOver(users, { variant: "kar", positiveAbove: 3.5 }),
    );
    // 5 liked nothing, 4 an item without a vector, 3 is active; 6 liked 1 and 2 and, of no use, 9
    const common = {
      variant: "kar",
      encoder: "tiny",
      tokens: null,
      encoder_hash: null,
      chunks: null,
      truncated: null,
      origin: "liked items",
    };
    expect(rows).toEqual([
      { user_id: 6, ...common, vector: [0.5, 0.5], texts: 2 },
      { user_id: 8, ...common, vector: [0.5, 0.5], texts: 2 },
    ]);
    expect(written.map(({ table, rows }) => ({ table, rows }))).toEqual([
      { table: "user_embeddings", rows: 2 },
    ]);
    expect(run.progress.at(-1)).toEqual({ rowsDone: 4, rowsTotal: 4, unit: "users" });
  });

  test("weighs by places in the whole history where there is a half-life", async () => {
    const task = await taskOver(users, { variant: "kar", positiveAbove: 3.5, halfLife: 2 });
    const { rows } = await approximated(task);
    // 6: item 2 one place before the last, item 1 four: 2^-0.5 and 2^-2; 8: item 1 none, item 2 two: 1 and 1/2
    const six = [2 ** -2, 2 ** -0.5].map((weight) => weight / (2 ** -2 + 2 ** -0.5));
    const vectors = rows.map((row) => row["vector"] as readonly number[]);
    expect(vectors).toHaveLength(2);
    vectors.flat().forEach((value, i) => {
      expect(value).toBeCloseTo([...six, 2 / 3, 1 / 3][i] ?? Number.NaN, 6);
    });
  });

  test("writes no part when nobody gets a vector", async () => {
    const nobody = users.filter(({ id }) => id === 3 || id === 5);
    const { written } = await approximated(
      await taskOver(nobody, { variant: "kar", positiveAbove: 3.5 }),
    );
    expect(written).toEqual([]);
  });

  test("writes parts of 4,096 users, which the trainer reads as any", async () => {
    const many = Array.from({ length: 4100 }, (_, id) => ({
      id,
      rated: [[(id % 2) + 1, 5]] as const,
    }));
    const { written, rows } = await approximated(
      await taskOver(many, { variant: "kar", positiveAbove: 4 }),
    );
    expect(written.map((file) => file.rows)).toEqual([4096, 4]);
    expect(rows.every((row, id) => row["user_id"] === id)).toBe(true);
    await run.mount({ user_embeddings: written.map((file) => toRef(run, file)) });
    const table = await loadVectors(
      run.db,
      "user_embeddings",
      createDenseIndex(Int32Array.of(4098, 4099)),
    );
    expect([...table.values]).toEqual([0, 0, 1, 0, 0, 1]);
  });

  test.each([
    ["none", [], "there are no vectors to make users' vectors of"],
    [
      "two encoders'",
      [...itemVectors, { item_id: 4, encoder: "other", vector: [1, 2, 3] }],
      "vectors by several encoders: other (3 numbers), tiny (2 numbers); encode all items with one",
    ],
  ])("refuses item vectors that are %s", async (_which, items, message) => {
    const task = await taskOver(users, { variant: "kar", positiveAbove: 3.5 }, items);
    await expect(approximateUsers(task, run.context)).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringContaining(message) as string,
    });
  });

  test("stops when asked to", async () => {
    const stop = new Error("stop");
    const task = await taskOver(users, { variant: "kar", positiveAbove: 3.5 });
    const context = { ...run.context, signal: AbortSignal.abort(stop) };
    await expect(approximateUsers(task, context)).rejects.toBe(stop);
  });
});
