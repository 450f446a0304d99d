import { describe, expect, test } from "vitest";
import {
  meansOfLikedItems,
  type LikedItem,
} from "../../../src/encode/vectors/mean-of-liked-items.ts";

const vectorsByItem = new Map([
  [1, Float32Array.of(1, 0)],
  [2, Float32Array.of(0, 1)],
  [3, Float32Array.of(0.5, -0.5)],
]);
const items = {
  encoderHash: null,
  encoder: "e",
  dimension: 2,
  get: (id: number) => vectorsByItem.get(id),
};
const liked = (...pairs: readonly (readonly [number, number])[]): readonly LikedItem[] =>
  pairs.map(([itemId, placesBeforeLast]) => ({ itemId, placesBeforeLast }));

const vectorsOf = (of: Float32Array): readonly number[] =>
  Array.from(of, (value) => Number(value.toFixed(5)));

describe("meansOfLikedItems", () => {
  test("is the plain mean of the liked items' vectors without a half-life", () => {
    const users = [
      [5, liked([1, 0], [3, 7])],
      [6, liked([2, 1])],
    ] as const;
    const { vectors, ...rest } = meansOfLikedItems(users, items, null);
    expect(vectorsOf(vectors)).toEqual([0.75, -0.25, 0, 1]);
    expect(rest).toEqual({
      ids: [5, 6],
      tokens: null,
      chunks: null,
      truncated: null,
      texts: Int32Array.of(2, 1),
    });
  });

  test("halves an item's weight over each half-life of places before the last", () => {
    // 2 places = one half-life: weights 1, 1/2 and 1/4 of 7/4; then the same seen from further back
    const one = [[5, liked([1, 0], [2, 2], [2, 4])]] as const;
    expect(vectorsOf(meansOfLikedItems(one, items, 2).vectors)).toEqual([0.57143, 0.42857]); // 4/7, 3/7
    const shifted = [[5, liked([1, 3], [2, 5], [2, 7])]] as const;
    expect(vectorsOf(meansOfLikedItems(shifted, items, 2).vectors)).toEqual([0.57143, 0.42857]);
  });

  test("counts an item liked twice twice", () => {
    const { vectors, texts } = meansOfLikedItems([[5, liked([1, 0], [2, 1], [1, 2])]], items, null);
    expect(vectorsOf(vectors)).toEqual([0.66667, 0.33333]);
    expect([...texts]).toEqual([3]);
  });

  test("passes over items without a vector, and users left with none", () => {
    const users = [
      [5, liked([9, 0], [1, 1], [2, 2])],
      [6, liked([9, 0])],
      [7, []],
      [8, liked([2, 0])],
    ] as const;
    const { ids, vectors, texts } = meansOfLikedItems(users, items, 1);
    expect(ids).toEqual([5, 8]);
    expect(vectorsOf(vectors)).toEqual([0.66667, 0.33333, 0, 1]);
    expect([...texts]).toEqual([2, 1]);
  });

  test("still has a vector where a tiny half-life leaves no weight beside the latest", () => {
    const { vectors } = meansOfLikedItems([[5, liked([2, 9], [1, 10])]], items, 0.001);
    expect(vectorsOf(vectors)).toEqual([0, 1]);
  });
});
