import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { limitConcurrency } from "../../src/base/limit-concurrency.ts";

describe("limitConcurrency", () => {
  test.each([
    [0, 1],
    [2, 2],
    [9, 5],
  ])(
    "of five jobs with %d at a time %d are under way; results stand in order",
    async (most, seen) => {
      let now = 0;
      let highest = 0;
      const jobs = [5, 1, 4, 2, 3].map((ms) => async () => {
        highest = Math.max(highest, ++now);
        await delay(ms);
        now--;
        return ms;
      });
      expect(await limitConcurrency(most, jobs)).toEqual([5, 1, 4, 2, 3]);
      expect(highest).toBe(seen);
    },
  );

  test("begins nothing after a failure, and throws it when what was begun has ended", async () => {
    const ended: string[] = [];
    const jobs = [
      () => Promise.reject(new Error("first")),
      async () => {
        await delay(5);
        ended.push("second");
      },
      () => {
        ended.push("third");
        return Promise.resolve();
      },
    ];
    await expect(limitConcurrency(2, jobs)).rejects.toThrow("first");
    expect(ended).toEqual(["second"]);
  });
});
