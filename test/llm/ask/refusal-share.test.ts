import { describe, expect, test } from "vitest";
import { createRefusalShare } from "../../../src/llm/ask/refusal-share.ts";

function noted(...outcomes: readonly (readonly [boolean, number])[]): number {
  const { note, share } = createRefusalShare();
  for (const [isRefused, times] of outcomes) {
    for (let time = 0; time < times; time += 1) note(isRefused);
  }
  return share();
}

describe("createRefusalShare", () => {
  test("counts what is missing to 16 outcomes as answers", () => {
    expect(noted()).toBe(0);
    expect(noted([true, 2])).toBe(2 / 16);
    expect(noted([true, 16])).toBe(1);
    expect(noted([true, 8], [false, 24])).toBe(8 / 32);
  });

  test("forgets what lies more than 64 outcomes back", () => {
    expect(noted([true, 64], [false, 16])).toBe(48 / 64);
    expect(noted([true, 500], [false, 64])).toBe(0);
    expect(noted([false, 500], [true, 32])).toBe(0.5);
  });
});
