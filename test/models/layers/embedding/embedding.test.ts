import { describe, expect, test } from "vitest";

import {
  embedFeatures,
  embedHistory,
  embedHistoryMean,
  embedTarget,
  sideFeatures,
} from "../../../../src/models/layers/embedding/embedding.ts";
import type { ModelInputs, ModelShape } from "../../../../src/models/model.ts";
import type { Node } from "../../../../src/autodiff/graph.ts";
import {
  evaluate,
  gradientError,
  gradientTolerance,
  smallShape,
  type Harness,
} from "../../../autodiff/graph-harness.ts";

/** Row n of each table is [n, -n], plus 100 for attributes, 200 for ratings and 300 for users. */
const rows = (count: number, offset: number) =>
  Array.from({ length: count }, (_, row) => [row + offset, -row - offset]).flat();
const values = {
  "item_embedding.weight": rows(7, 0),
  "attr_embedding.weight": rows(5, 100),
  "rating_embedding.weight": rows(6, 200),
  "user_embedding.weight": rows(4, 300),
};

describe("embeddings of single-valued attributes", () => {
  /** Three rows, two attributes per item, with two, one and no events of at most three. */
  const inputs = ({ ids, ops }: Harness): ModelInputs<Node> => ({
    items: ids([1, 6, 2], [3]),
    attributes: ids([1, 2, 3, 4, 1, 1], [3, 2]),
    historyItems: ids([3, 4, 0, 5, 0, 0, 0, 0, 0], [3, 3]),
    historyAttributes: ids([1, 2, 3, 4, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [3, 3, 2]),
    historyRatings: ids([5, 1, 0, 3, 0, 0, 0, 0, 0], [3, 3]),
    historyWeights: ops.tensor([1 / 2, 1 / 2, 0, 1, 0, 0, 0, 0, 0], [3, 3]),
    historyMask: ops.tensor([1, 1, 0, 1, 0, 0, 0, 0, 0], [3, 3]),
    rowWeights: ops.constant(1 / 3, [3]),
  });

  test("the target is the item's row, then its attributes' rows", async () => {
    const target = await evaluate((harness) => embedTarget(harness, inputs(harness)), { values });
    expect(target.shape).toEqual([3, 6]);
    expect(target.values.slice(0, 6)).toEqual([1, -1, 101, -101, 102, -102]);
    expect(target.values.slice(6, 12)).toEqual([6, -6, 103, -103, 104, -104]);
  });

  test("an event is its item's row, its attributes' rows and its rating's row", async () => {
    const events = await evaluate((harness) => embedHistory(harness, inputs(harness)), { values });
    expect(events.shape).toEqual([3, 3, 8]);
    expect(events.values.slice(0, 8)).toEqual([3, -3, 101, -101, 102, -102, 205, -205]);
    expect(events.values.slice(8, 16)).toEqual([4, -4, 103, -103, 104, -104, 201, -201]);
  });

  test("the history is averaged over real events only, and zero without any", async () => {
    const mean = await evaluate((harness) => embedHistoryMean(harness, inputs(harness)), {
      values,
    });
    expect(mean.shape).toEqual([3, 8]);
    // Row 0: items 3 and 4, attributes (1, 2) and (3, 4), ratings 5 and 1.
    expect(mean.values.slice(0, 8)).toEqual([3.5, -3.5, 102, -102, 103, -103, 203, -203]);
    expect(mean.values.slice(8, 16)).toEqual([5, -5, 102, -102, 102, -102, 203, -203]);
    expect(mean.values.slice(16)).toEqual(Array(8).fill(0));
  });

  test("target and history share tables, which receive both gradients", async () => {
    const build = (harness: Harness) =>
      embedFeatures(harness, inputs(harness), harness.leaf("knowledge", [3, 4]));
    expect(await gradientError(build)).toBeLessThan(gradientTolerance);
  });
});

describe("embeddings of attributes with several values and of users", () => {
  /** One row: an attribute of up to two values, one of a single value, two user features, two events of at most two. */
  const shape: ModelShape = {
    ...smallShape,
    batchSize: 1,
    history: 2,
    attributeSlots: [2, 1],
    userFeatures: { fields: 2, values: 3 },
  };
  const inputs = ({ ids, ops }: Harness): ModelInputs<Node> => ({
    items: ids([1], [1]),
    attributes: ids([1, 4, 3], [1, 3]),
    attributeWeights: ops.tensor([1 / 2, 1 / 2, 1], [1, 3]),
    historyItems: ids([2, 4], [1, 2]),
    historyAttributes: ids([2, 0, 1, 1, 3, 0], [1, 2, 3]),
    historyAttributeWeights: ops.tensor([1, 0, 1, 1 / 2, 1 / 2, 0], [1, 2, 3]),
    historyRatings: ids([5, 1], [1, 2]),
    historyWeights: ops.tensor([1 / 2, 1 / 2], [1, 2]),
    historyMask: ops.tensor([1, 1], [1, 2]),
    rowWeights: ops.constant(1, [1]),
    userFeatures: ids([3, 1], [1, 2]),
  });
  const run = (build: (harness: Harness) => Node) => evaluate(build, { values, shape });

  test("a field is the mean of its values' rows; with one slot, it is the slot's row", async () => {
    const target = await run((harness) => embedTarget(harness, inputs(harness)));
    // Values 1 and 4, then 3.
    expect(target).toEqual({ shape: [1, 6], values: [1, -1, 102.5, -102.5, 103, -103] });
  });

  test("the mean over events is the mean of their fields", async () => {
    const events = await run((harness) => embedHistory(harness, inputs(harness)));
    expect(events.values).toEqual([
      ...[2, -2, 102, -102, 101, -101, 205, -205],
      ...[4, -4, 102, -102, 100, -100, 201, -201], // values 1 and 3; an unknown value is row 0
    ]);
    const mean = await run((harness) => embedHistoryMean(harness, inputs(harness)));
    expect(mean).toEqual({
      shape: [1, 8],
      values: [3, -3, 102, -102, 100.5, -100.5, 203, -203],
    });
  });

  test("user features come before knowledge", async () => {
    const side = await run((harness) => {
      const knowledge = harness.ops.tensor([7, 8], [1, 2]);
      return harness.ops.concat(sideFeatures(harness, inputs(harness), knowledge), 1);
    });
    expect(side).toEqual({ shape: [1, 6], values: [303, -303, 301, -301, 7, 8] });
  });

  test.each([
    ["embedFeatures", (harness: Harness) => embedFeatures(harness, inputs(harness), undefined)],
    ["embedHistory", (harness: Harness) => embedHistory(harness, inputs(harness))],
  ])("%s has the same gradient as finite differences", async (_name, build) => {
    expect(await gradientError(build, { shape })).toBeLessThan(gradientTolerance);
  });
});

describe("embeddings of long attributes", () => {
  /** Two rows of one event: a long attribute, one of a single value, another long one. */
  const shape: ModelShape = {
    ...smallShape,
    batchSize: 2,
    history: 1,
    attributeSlots: [17, 1, 20],
    attributeValues: 9,
  };
  const share = Math.fround(1 / 3);
  const listsOf = ({ ids, ops }: Harness) => ({
    ids: ids([3, 7, 5, 8, 2, 0, 0], [7]),
    owners: ids([0, 0, 0, 1, 3, 0, 0], [7]),
    weights: ops.tensor([share, share, share, 1, 1, 0, 0], [7, 1]),
  });
  const inputs = (harness: Harness): ModelInputs<Node> => {
    const { ids, ops } = harness;
    const padded = Array<number>(76).fill(0);
    [padded[17], padded[55]] = [4, 6];
    return {
      items: ids([1, 2], [2]),
      attributes: ids(padded, [2, 38]),
      attributeWeights: ops.constant(0, [2, 38]),
      attributeLists: listsOf(harness),
      historyItems: ids([2, 4], [2, 1]),
      historyAttributes: ids(padded, [2, 1, 38]),
      historyAttributeWeights: ops.constant(0, [2, 1, 38]),
      historyAttributeLists: listsOf(harness),
      historyRatings: ids([5, 1], [2, 1]),
      historyWeights: ops.tensor([1, 1], [2, 1]),
      historyMask: ops.tensor([1, 1], [2, 1]),
      rowWeights: ops.constant(0.5, [2]),
    };
  };
  const attribute = Array.from({ length: 20 }, (_none, at) => Math.fround(Math.sin(at + 1)));
  const given = { ...values, "attr_embedding.weight": attribute };
  const row = (id: number): readonly number[] => attribute.slice(2 * id, 2 * id + 2);
  /** ((v3 / 3 + v7 / 3) + v5 / 3), each step rounded to float32. */
  const mean = [0, 1].map((at) =>
    [3, 7, 5].reduce((sum, id) => Math.fround(sum + Math.fround((row(id)[at] ?? 0) * share)), 0),
  );
  const fields = [
    [...mean, ...row(4), ...row(8)],
    [0, 0, ...row(6), ...row(2)],
  ];

  test("are the means of their values, summed in their order to the bit, beside other attributes", async () => {
    const target = await evaluate((harness) => embedTarget(harness, inputs(harness)), {
      values: given,
      shape,
    });
    expect(target.shape).toEqual([2, 8]);
    expect(target.values.slice(2, 8)).toEqual(fields[0]);
    expect(target.values.slice(10)).toEqual(fields[1]);
  });

  test("are the same in events, and averaged over them", async () => {
    for (const embed of [embedHistory<Node>, embedHistoryMean<Node>]) {
      const events = await evaluate((harness) => embed(harness, inputs(harness)), {
        values: given,
        shape,
      });
      expect(events.values.slice(2, 8)).toEqual(fields[0]);
      expect(events.values.slice(12, 18)).toEqual(fields[1]);
    }
  });

  test("have the same gradient as finite differences", async () => {
    const build = (harness: Harness) => embedFeatures(harness, inputs(harness), undefined);
    expect(await gradientError(build, { shape })).toBeLessThan(gradientTolerance);
  });
});
