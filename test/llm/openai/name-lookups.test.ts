import { expect, test } from "vitest";
import { nameLookups } from "../../../src/llm/openai/name-lookups.ts";

test("look-ups have failed for too long after three tries and fifteen seconds, since the last that worked", () => {
  let nowMs = 1000;
  const lookups = nameLookups(() => nowMs);
  const failedAt = (atMs: number): boolean => {
    nowMs = atMs;
    return lookups.failed();
  };
  expect([1000, 1001, 1002, 15_999].map(failedAt)).toEqual([false, false, false, false]);
  expect(failedAt(16_000)).toBe(true);
  lookups.worked();
  expect([20_000, 40_000].map(failedAt)).toEqual([false, false]);
  expect(failedAt(40_001)).toBe(true);
});
