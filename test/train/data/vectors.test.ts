import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { memoryBudget } from "../../../src/base/memory-budget.ts";
import { createDenseIndex } from "../../../src/train/data/dense-index.ts";
import { countCovered, loadVectors } from "../../../src/train/data/vectors.ts";
import { openRunFolder, type RunFolder } from "../run-folder.ts";

let run: RunFolder;
beforeEach(async () => {
  run = await openRunFolder();
});
afterEach(() => run.close());

const row = (user_id: number, vector: readonly number[]) => ({
  user_id,
  encoder: "test",
  vector,
  tokens: 1,
  chunks: 1,
});

async function load(rows: readonly ReturnType<typeof row>[]) {
  await run.mount({
    user_embeddings: rows.length > 0 ? [await run.writeTable("user_embeddings", rows)] : [],
  });
  return loadVectors(run.db, "user_embeddings", createDenseIndex(Int32Array.of(2, 4, 6)));
}

describe("loadVectors", () => {
  test("puts vectors by dense id, zeros for padding and missing ones; passes over strangers", async () => {
    const vectors = await load([row(6, [5, 6]), row(2, [1, 2]), row(3, [9, 9])]);
    expect([...vectors.values]).toEqual([0, 0, 1, 2, 0, 0, 5, 6]);
    expect([...vectors.isPresent]).toEqual([0, 1, 0, 1]);
    expect(vectors.width).toBe(2);
  });

  test("refuses vectors of different widths, naming whose", async () => {
    await expect(load([row(2, [1, 2]), row(4, [1, 2, 3])])).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringContaining(
        "user_embeddings: the vector of user 4 has 3 numbers, the first vector has 2",
      ) as string,
    });
  });

  test.each([NaN, Infinity])("refuses %d in a vector, naming whose", async (bad) => {
    await expect(load([row(2, [1, 2]), row(4, [1, bad])])).rejects.toThrow(
      `the vector of user 4 holds ${bad} at place 2`,
    );
  });

  test("refuses a table that does not fit before it makes it", async () => {
    await run.mount({ user_embeddings: [await run.writeTable("user_embeddings", [row(2, [1, 2])])] });
    const budget = memoryBudget({ bytes: 4 * 2 * 4 - 1, shares: 1 }, "runtime.threads");
    const index = createDenseIndex(Int32Array.of(2, 4, 6));
    await expect(loadVectors(run.db, "user_embeddings", index, budget)).rejects.toMatchObject({
      code: "OUT_OF_MEMORY",
      message: expect.stringContaining("the vectors of user_embeddings need") as string,
    });
  });

  test("refuses an empty table", async () => {
    await expect(load([])).rejects.toThrow("user_embeddings: there are no vectors");
  });
});

describe("countCovered", () => {
  test("counts rows, not subjects", () => {
    const vectors = { width: 1, values: new Float32Array(4), isPresent: Uint8Array.of(0, 1, 0, 1) };
    expect(countCovered(Int32Array.of(1, 1, 1, 2), vectors)).toBe(3);
  });
});
