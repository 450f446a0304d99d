import { describe, expect, test } from "vitest";
import { createBatcher } from "../../../src/train/data/batcher.ts";
import { createDenseIndex } from "../../../src/train/data/dense-index.ts";
import type { Batch } from "../../../src/train/engine/engine.ts";

const items = {
  index: createDenseIndex(Int32Array.of(100, 200)),
  attributeSlots: [1, 1],
  attributeValues: 4,
  attributes: Int32Array.of(0, 0, 1, 3, 2, 4),
};
const columns = {
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

const pieces = [{ columns }];

/** What `take` finds in each batch; the batch itself is filled again. */
async function fromEach<T>(
  batches: AsyncIterable<Batch>,
  take: (batch: Batch) => T,
): Promise<readonly T[]> {
  const taken: T[] = [];
  for await (const batch of batches) taken.push(take(batch));
  return taken;
}

describe("createBatcher", () => {
  test("joins attributes and vectors by id and ends with a short batch", async () => {
    const batcher = createBatcher({ batchSize: 2, history: 2, items, knowledge: { user, item } });
    const [first, last, ...rest] = await fromEach(batcher.batches(pieces), structuredClone<Batch>);
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
    expect(last?.size).toBe(1);
    expect(last?.items[0]).toBe(1);
    expect(last?.historyLengths[0]).toBe(0);
    expect([...(last?.historyAttributes.slice(0, 4) ?? [])]).toEqual([0, 0, 0, 0]);
    expect(rest).toEqual([]);
  });

  test("copies all places of several-valued attributes, of the target and of each event", async () => {
    const several = {
      ...items,
      attributeSlots: [2, 1],
      attributes: Int32Array.of(0, 0, 0, 1, 2, 3, 2, 0, 4),
    };
    const batcher = createBatcher({ batchSize: 3, history: 2, items: several });
    const [batch] = await fromEach(batcher.batches(pieces), structuredClone<Batch>);
    expect([...(batch?.attributes ?? [])]).toEqual([1, 2, 3, 2, 0, 4, 1, 2, 3]);
    const padding = [0, 0, 0];
    expect([...(batch?.historyAttributes ?? [])]).toEqual([
      ...[2, 0, 4, 1, 2, 3],
      ...[1, 2, 3, ...padding],
      ...[...padding, ...padding],
    ]);
  });

  test("joins the features of each row's user", async () => {
    const userFeatures = { fields: 2, values: 4, ids: Int32Array.of(0, 0, 1, 3, 2, 0) };
    const batcher = createBatcher({ batchSize: 2, history: 2, items, userFeatures });
    const [first, last] = await fromEach(batcher.batches(pieces), (batch) => [
      ...(batch.userFeatures ?? []),
    ]);
    expect(first).toEqual([1, 3, 2, 0]);
    expect(last?.slice(0, 2)).toEqual([1, 3]);
  });

  test("an order of some rows gives only these", async () => {
    const batches = createBatcher({ batchSize: 2, history: 2, items }).batches([
      { columns, order: Uint32Array.of(1) },
    ]);
    expect(await fromEach(batches, ({ size, items: [item] }) => [size, item])).toEqual([[1, 2]]);
  });

  test("a batch goes on from one piece to the next, and only the last one is short", async () => {
    const { batches } = createBatcher({ batchSize: 2, history: 2, items });
    const inTwo = [
      { columns, order: Uint32Array.of(2, 0, 1) },
      { columns: { ...columns, rows: 2 } }, // of arrays that hold more
    ];
    const lengths = await fromEach(batches(inTwo), ({ size, historyLengths }) => [
      ...historyLengths.slice(0, size),
    ]);
    expect(lengths).toEqual([[0, 2], [1, 2], [1]]);
  });

  test("fills the same arrays again", async () => {
    const batches = createBatcher({ batchSize: 2, history: 2, items }).batches(pieces);
    const arrays = new Set(await fromEach(batches, (batch) => batch.historyItems));
    expect(arrays.size).toBe(1);
  });

  test("follows the order given, and Base batches have no vectors", async () => {
    const batcher = createBatcher({ batchSize: 3, history: 2, items });
    const order = Uint32Array.of(2, 1, 0);
    const [batch] = await fromEach(batcher.batches([{ columns, order }]), structuredClone<Batch>);
    expect([...(batch?.labels ?? [])]).toEqual([1, 0, 1]);
    expect([...(batch?.historyLengths ?? [])]).toEqual([0, 1, 2]);
    expect(batch).not.toHaveProperty("userVectors");
  });
});
