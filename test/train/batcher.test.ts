import { describe, expect, test } from "vitest";
import { createBatcher, shuffledRows } from "../../src/train/batcher.ts";
import { createDenseIndex } from "../../src/train/dense-index.ts";

const items = {
  index: createDenseIndex(Int32Array.of(100, 200)),
  attributeSlots: [1, 1],
  attributeValues: 4,
  attributes: Int32Array.of(0, 0, 1, 3, 2, 4),
};
const split = {
  rows: 3,
  users: Int32Array.of(1, 2, 1),
  places: Int32Array.of(1, 2, 3),
  items: Int32Array.of(1, 2, 1),
  labels: Float32Array.of(1, 0, 1),
  historyItems: Int32Array.of(2, 1, 1, 0, 0, 0),
  historyRatings: Int32Array.of(5, 4, 3, 0, 0, 0),
  historyLengths: Int32Array.of(2, 1, 0),
};
const user = { width: 1, values: Float32Array.of(0, 0.1, 0.2), isPresent: Uint8Array.of(0, 1, 1) };
const item = {
  width: 2,
  values: Float32Array.of(0, 0, 7, 8, 0, 0),
  isPresent: Uint8Array.of(0, 1, 0),
};

describe("createBatcher", () => {
  test("joins attributes and vectors by id and ends with a short batch", () => {
    const batcher = createBatcher({ batchSize: 2, history: 2, items, knowledge: { user, item } });
    const batches = batcher.batches(split);
    const first = batches.next().value;
    expect(first).toEqual({
      size: 2,
      items: Int32Array.of(1, 2),
      attributes: Int32Array.of(1, 3, 2, 4),
      historyItems: Int32Array.of(2, 1, 1, 0),
      historyAttributes: Int32Array.of(2, 4, 1, 3, 1, 3, 0, 0),
      historyRatings: Int32Array.of(5, 4, 3, 0),
      historyLengths: Int32Array.of(2, 1),
      labels: Float32Array.of(1, 0),
      userVectors: Float32Array.of(0.1, 0.2),
      itemVectors: Float32Array.of(7, 8, 0, 0),
    });
    const last = batches.next().value;
    expect(last?.size).toBe(1);
    expect(last?.items[0]).toBe(1);
    expect(last?.historyLengths[0]).toBe(0);
    expect([...(last?.historyAttributes.slice(0, 4) ?? [])]).toEqual([0, 0, 0, 0]);
    expect(batches.next().done).toBe(true);
  });

  test("copies all places of several-valued attributes, of the target and of each event", () => {
    const several = {
      ...items,
      attributeSlots: [2, 1],
      attributes: Int32Array.of(0, 0, 0, 1, 2, 3, 2, 0, 4),
    };
    const [batch] = createBatcher({ batchSize: 3, history: 2, items: several }).batches(split);
    expect([...(batch?.attributes ?? [])]).toEqual([1, 2, 3, 2, 0, 4, 1, 2, 3]);
    const padding = [0, 0, 0];
    expect([...(batch?.historyAttributes ?? [])]).toEqual([
      ...[2, 0, 4, 1, 2, 3],
      ...[1, 2, 3, ...padding],
      ...[...padding, ...padding],
    ]);
  });

  test("joins the features of each row's user", () => {
    const userFeatures = { fields: 2, values: 4, ids: Int32Array.of(0, 0, 1, 3, 2, 0) };
    const [first, last] = Array.from(
      createBatcher({ batchSize: 2, history: 2, items, userFeatures }).batches(split),
      (batch) => [...(batch.userFeatures ?? [])],
    );
    expect(first).toEqual([1, 3, 2, 0]);
    expect(last?.slice(0, 2)).toEqual([1, 3]);
  });

  test("an order of some rows gives only these", () => {
    const batches = createBatcher({ batchSize: 2, history: 2, items }).batches(
      split,
      Uint32Array.of(1),
    );
    expect(Array.from(batches, ({ size, items: [item] }) => [size, item])).toEqual([[1, 2]]);
  });

  test("fills the same arrays again", () => {
    const batches = createBatcher({ batchSize: 2, history: 2, items }).batches(split);
    const arrays = new Set(Array.from(batches, (batch) => batch.historyItems));
    expect(arrays.size).toBe(1);
  });

  test("follows the order given, and Base batches have no vectors", () => {
    const batcher = createBatcher({ batchSize: 3, history: 2, items });
    const [batch] = batcher.batches(split, Uint32Array.of(2, 1, 0));
    expect([...(batch?.labels ?? [])]).toEqual([1, 0, 1]);
    expect([...(batch?.historyLengths ?? [])]).toEqual([0, 1, 2]);
    expect(batch).not.toHaveProperty("userVectors");
  });
});

describe("shuffledRows", () => {
  test("is a permutation that depends on seed and epoch only", () => {
    const order = shuffledRows(100, 1, 1);
    expect([...order].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_none, row) => row),
    );
    expect(shuffledRows(100, 1, 1)).toEqual(order);
    expect(shuffledRows(100, 1, 2)).not.toEqual(order);
    expect(shuffledRows(100, 2, 1)).not.toEqual(order);
  });
});
