import { describe, expect, test } from "vitest";

import { createRandom, shuffleInPlace } from "../../src/base/random.ts";

describe("createRandom", () => {
  test("repeats for a seed and differs between seeds and between streams", () => {
    const draw = (seed: number, stream?: string) => {
      const random = createRandom(seed, stream);
      return Array.from({ length: 4 }, () => random.uniform());
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(draw(7, "weights")).not.toEqual(draw(7, "order"));
  });

  test("is uniform in [0, 1): mean 1/2, variance 1/12", () => {
    const random = createRandom(1);
    const { mean, variance, min, max } = moments(() => random.uniform());
    expect(min).toBeGreaterThanOrEqual(0);
    expect(max).toBeLessThan(1);
    expect(mean).toBeCloseTo(1 / 2, 2);
    expect(variance).toBeCloseTo(1 / 12, 2);
  });

  test("normal has mean 0 and variance 1", () => {
    const random = createRandom(1);
    const { mean, variance } = moments(() => random.normal());
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
  });

  test.each([1.5, Number.NaN])("rejects the seed %d", (seed) => {
    expect(() => createRandom(seed)).toThrow("Expected `seed` to be an integer");
  });
});

describe("shuffleInPlace", () => {
  test("keeps every value and repeats for a seed", () => {
    const shuffled = () => {
      const values = Uint32Array.from({ length: 100 }, (_, index) => index);
      shuffleInPlace(values, createRandom(3));
      return values;
    };
    expect(shuffled()).toEqual(shuffled());
    expect([...shuffled()].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, index) => index),
    );
    expect([...shuffled()]).not.toEqual([...shuffled()].sort((a, b) => a - b));
  });

  test("gives each of the six orders of three values about equally often", () => {
    const random = createRandom(5);
    const counts = new Map<string, number>();
    for (let round = 0; round < 6000; round++) {
      const values = Uint32Array.of(1, 2, 3);
      shuffleInPlace(values, random);
      counts.set(values.join(), (counts.get(values.join()) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // 1000 expected each; 5 standard deviations = 5 * sqrt(6000 * 1/6 * 5/6) = 144.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(144);
  });
});

function moments(draw: () => number) {
  const values = Array.from({ length: 20_000 }, draw);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, variance, min: Math.min(...values), max: Math.max(...values) };
}
