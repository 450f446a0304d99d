import { describe, expect, test } from "vitest";
import { answer, makeRunTable } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

const event = (user_id: number, item_id: number, rating: number, role: string) => ({
  ...{ user_id, item_id, rating, role },
  label: rating > 3 ? 1 : 0,
});

describe("stats/user_stats and stats/item_stats", () => {
  test("users by their context rows, items by their training rows, nothing of valid and test", async () => {
    await makeRunTable(memory.db, "timeline", [
      event(1, 7, 5, "context"),
      event(1, 8, 2, "context"),
      event(1, 7, 1, "train"),
      event(2, 8, 4, "context"),
      event(2, 7, 4, "train"),
      event(2, 8, 1, "valid"),
      event(2, 9, 5, "test"),
      event(3, 9, 5, "dropped"),
      event(3, 8, 5, "context"), // has no sample
    ]);
    expect(await answer(memory.db, "stats/user_stats")).toEqual([
      { user_id: 1, interactions: 2, mean_rating: 3.5, label_rate: 0.5 },
      { user_id: 2, interactions: 1, mean_rating: 4, label_rate: 1 },
    ]);
    expect(await answer(memory.db, "stats/item_stats")).toEqual([
      { item_id: 7, interactions: 2, mean_rating: 2.5, label_rate: 0.5 },
    ]);
  });
});

describe.each(["user", "item"] as const)("train/%s_stat_vectors", (subject) => {
  test("standardised, the count by its logarithm; what is the same for all is 0", async () => {
    const row = (id: number, interactions: number, mean_rating: number) => ({
      ...{ [`${subject}_id`]: id, interactions, mean_rating },
      label_rate: 0.1,
    });
    await makeRunTable(memory.db, `${subject}_stats`, [
      row(4, 1, 2),
      row(2, 100, 5),
      row(3, 10, 5),
    ]);
    const found = await answer(memory.db, `train/${subject}_stat_vectors`);
    // Ratings 2, 5, 5: mean 4, variance 2. Logarithms 0, ln 10, 2 ln 10: mean ln 10, deviation ln 10 √(2/3).
    const expected = [
      [2, [1 / Math.SQRT2, Math.sqrt(1.5), 0]],
      [3, [1 / Math.SQRT2, 0, 0]],
      [4, [-Math.SQRT2, -Math.sqrt(1.5), 0]],
    ] as const;
    expect(found.map(({ id }) => id)).toEqual(expected.map(([id]) => id));
    for (const [place, [, numbers]] of expected.entries()) {
      const vector = found[place]?.["vector"] as readonly number[];
      expect(vector).toHaveLength(3);
      for (const [at, number] of numbers.entries()) expect(vector[at]).toBeCloseTo(number, 6);
    }
  });
});
