import { describe, expect, test } from "vitest";
import { createArena, slotValues, type Arena } from "../../src/optim/arena.ts";
import { clipGradients, createGradientSum } from "../../src/optim/gradients.ts";

/** Two tensors with these gradients. */
function arenaOf(first: readonly number[], second: readonly number[]): Arena {
  const arena = createArena([first.length, second.length]);
  setGradients(arena, first, second);
  return arena;
}

function setGradients(arena: Arena, ...gradients: readonly (readonly number[])[]): void {
  arena.slots.forEach((slot, index) => {
    slotValues(arena.gradients, slot).set(gradients[index] ?? []);
  });
}

function gradientsOf(arena: Arena): readonly (readonly number[])[] {
  return arena.slots.map((slot) => [...slotValues(arena.gradients, slot)]);
}

describe("createGradientSum", () => {
  test("gives the scaled sum of the micro-batches, then restarts from zero", () => {
    const arena = arenaOf([1, 2], [3]);
    const sum = createGradientSum(arena);
    sum.add();
    setGradients(arena, [10, 20], [30]);
    sum.add();
    sum.finish(0.5);
    expect(gradientsOf(arena)).toEqual([[5.5, 11], [16.5]]);
    setGradients(arena, [1, 1], [1]);
    sum.add();
    sum.finish();
    expect(gradientsOf(arena)).toEqual([[1, 1], [1]]);
  });
});

describe("clipGradients", () => {
  test("scales all gradients down to the norm, and returns the original norm", () => {
    const arena = arenaOf([3, 0], [-4]);
    expect(clipGradients(arena, 1)).toBe(5);
    const [[first = 0, zero] = [], [second = 0] = []] = gradientsOf(arena);
    expect(first).toBeCloseTo(0.6, 6);
    expect(zero).toBe(0);
    expect(second).toBeCloseTo(-0.8, 6);
  });

  test("does not touch smaller gradients and zeros", () => {
    const arena = arenaOf([0.1, 0.2], [0.3]);
    const before = gradientsOf(arena);
    expect(clipGradients(arena, 1)).toBeCloseTo(Math.sqrt(0.14), 6);
    expect(gradientsOf(arena)).toEqual(before);
    expect(clipGradients(arenaOf([0], [0]), 1)).toBe(0);
  });

  test("returns a norm that is not finite, and refuses a limit of 0", () => {
    const arena = arenaOf([1, Number.NaN], [2]);
    expect(clipGradients(arena, 1)).toBeNaN();
    expect(gradientsOf(arena)).toEqual([[1, Number.NaN], [2]]);
    expect(clipGradients(arenaOf([Number.POSITIVE_INFINITY], [2]), 1)).toBe(
      Number.POSITIVE_INFINITY,
    );
    expect(() => clipGradients(arena, 0)).toThrow("Expected `maxNorm` to be positive, got 0");
  });
});
