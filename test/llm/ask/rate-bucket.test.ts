import { describe, expect, test } from "vitest";
import { createRateBucket } from "../../../src/llm/ask/rate-bucket.ts";

describe("createRateBucket", () => {
  test("lets one second's worth through at once, then the rate", () => {
    const bucket = createRateBucket(240, 0);
    const at: number[] = [];
    let nowMs = 0;
    while (at.length < 8) {
      nowMs += bucket.waitMs(nowMs);
      bucket.take(1);
      at.push(nowMs);
    }
    // 240 a minute is 4 a second: four at once, then one every 250 ms.
    expect(at).toEqual([0, 0, 0, 0, 250, 500, 750, 1000]);
  });

  test("holds at least one, however low the rate", () => {
    const bucket = createRateBucket(1, 0);
    expect(bucket.waitMs(0)).toBe(0);
    bucket.take(1);
    expect(bucket.waitMs(0)).toBe(60_000);
    expect(bucket.waitMs(45_000)).toBe(15_000);
    expect(bucket.waitMs(600_000)).toBe(0);
    bucket.take(1);
    expect(bucket.waitMs(600_000)).toBe(60_000);
  });

  test("lets a taking larger than the bucket through and waits for it afterwards", () => {
    const bucket = createRateBucket(6000, 0);
    bucket.take(1100);
    // 100 a second: the thousand owed and the one to go on take 10.01 s.
    expect(bucket.waitMs(0)).toBe(10_010);
  });

  test("shortens the wait by what is given back and lengthens it by what was not reckoned with", () => {
    const bucket = createRateBucket(6000, 0);
    bucket.take(1100);
    bucket.give(500);
    expect(bucket.waitMs(0)).toBe(5010);
    bucket.give(-100);
    expect(bucket.waitMs(0)).toBe(6010);
    bucket.give(1e9);
    expect(bucket.waitMs(0)).toBe(0);
    bucket.take(100);
    expect(bucket.waitMs(0)).toBe(10);
  });
});
