import { describe, expect, test } from "vitest";
import type { TaskProgress } from "../../../src/flow/task.ts";
import { createBatcher } from "../../../src/train/data/batcher.ts";
import { createDenseIndex } from "../../../src/train/data/dense-index.ts";
import type { Batch, Engine } from "../../../src/train/engine/engine.ts";
import { trainModel, type TrainModelOptions } from "../../../src/train/loop/train-model.ts";
import { memorySplit, type SampleSplit } from "../../../src/train/data/sample-split.ts";
import type { SplitColumns } from "../../../src/train/data/split-columns.ts";
import { createLogisticEngine } from "./logistic-engine.ts";

/** Rows without history: the item and the label of each. */
function columnsOf(items: readonly number[], labels: readonly number[]): SplitColumns {
  const rows = items.length;
  return {
    rows,
    users: new Int32Array(rows).fill(1),
    places: Int32Array.from(items.keys()),
    items: Int32Array.from(items),
    labels: Float32Array.from(labels),
    historyItems: new Int32Array(rows),
    historyRatings: new Int32Array(rows),
    historyLengths: new Int32Array(rows),
  };
}

function split(items: readonly number[], labels: readonly number[]): SampleSplit {
  return memorySplit(columnsOf(items, labels), labels.filter((label) => label === 1).length);
}

/** Splits that lie in memory. */
function held(train: SampleSplit, valid: SampleSplit, test: SampleSplit) {
  return { train, valid, test, isStreamed: false };
}

const none = split([], []);
const train = split([1, 2, 1, 2, 1], [1, 0, 1, 0, 1]);
const four = split([1, 2, 2, 1], [1, 0, 0, 1]);
const settings = {
  batchSize: 2,
  learningRate: 0.5,
  schedule: "constant",
  epochs: 4,
  patience: 2,
  warmup: 0,
  stopOn: "auc",
} as const;
const items = {
  index: createDenseIndex(Int32Array.of(10, 20)),
  attributeSlots: [1],
  attributeValues: 1,
  attributes: Int32Array.of(0, 1, 1),
};

function options(changes: Partial<TrainModelOptions>): TrainModelOptions {
  return {
    engine: createLogisticEngine(2),
    batcher: createBatcher({ batchSize: 2, history: 1, items }),
    samples: held(train, four, four),
    settings,
    selection: "valid",
    seed: 1,
    name: "dcn base seed 1",
    context: { signal: new AbortController().signal, progress: () => undefined },
    ...changes,
  };
}

/** An engine whose AUC on {@link four} follows a script, epoch by epoch; 3 steps are an epoch. Its one parameter counts steps. */
function scriptedEngine(
  aucs: readonly number[],
  onStep: (rate: number) => void = () => undefined,
): Engine {
  const steps = new Float32Array(1);
  return {
    parameterCount: 1,
    step: (_batch, rate) => {
      onStep(rate);
      steps[0] = (steps[0] ?? 0) + 1;
      return Promise.resolve(0.5);
    },
    predict: (batch: Batch) => {
      const epoch = (steps[0] ?? 0) / 3;
      const quality = aucs[epoch - 1] ?? 0;
      // Positives (item 1) all score above, level with or below negatives.
      const positive = 0.5 + (quality - 0.5) / 2;
      return Promise.resolve(
        Float32Array.from(batch.items.subarray(0, batch.size), (item) =>
          item === 1 ? positive + epoch / 1000 : 0.5 + epoch / 1000,
        ),
      );
    },
    tensors: [{ name: "steps", shape: [1], kind: "parameter" }],
    snapshot: () => Promise.resolve(steps.slice()),
    restore: (values) => {
      steps.set(values);
      return Promise.resolve();
    },
    optimizerState: () => {
      const none = new Float32Array(1);
      return Promise.resolve({ steps: 0, firstMoments: none, secondMoments: none });
    },
    restoreOptimizer: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

describe("trainModel", () => {
  test("learns: the loss falls and the probabilities follow the labels", async () => {
    const { log, probabilities } = await trainModel(options({ selection: "last" }));
    expect(log.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    expect(log[3]?.trainLoss).toBeLessThan(log[0]?.trainLoss ?? 0);
    expect(log[0]?.validAuc).toBe(1);
    expect(probabilities[0]).toBeGreaterThan(0.5);
    expect(probabilities[1]).toBeLessThan(0.5);
  });

  test("the train loss weighs batches by their rows", async () => {
    // Batches of 2, 2 and 1 rows with losses 1, 1 and 4: (2 + 2 + 4) / 5.
    const losses = [1, 1, 4];
    const engine = { ...scriptedEngine([]), step: () => Promise.resolve(losses.shift() ?? 0) };
    const { log } = await trainModel(
      options({ engine, selection: "last", settings: { ...settings, epochs: 1 } }),
    );
    expect(log[0]?.trainLoss).toBeCloseTo(1.6, 12);
  });

  test("the train loss weighs rows by their weights, where they have some", async () => {
    // Each batch's loss is the weighed mean of its items; over the epoch that is (1·1 + 0·2 + 2·1 + 3·2 + 4·1) / 10.
    const weights = Float32Array.of(1, 0, 2, 3, 4);
    const columns = { ...columnsOf([1, 2, 1, 2, 1], [1, 0, 1, 0, 1]), weights };
    const weighedItems = ({ items: ids, size, weights: given = weights }: Batch): number => {
      const sum = ids.subarray(0, size).reduce((all, id, row) => all + id * (given[row] ?? 0), 0);
      return sum === 0 ? 0 : sum / given.subarray(0, size).reduce((all, one) => all + one, 0);
    };
    const step = (batch: Batch): Promise<number> => Promise.resolve(weighedItems(batch));
    const { log } = await trainModel(
      options({
        engine: { ...scriptedEngine([]), step },
        batcher: createBatcher({ batchSize: 2, history: 1, items, isWeighted: true }),
        samples: held(memorySplit(columns, 3), four, four),
        selection: "last",
        settings: { ...settings, epochs: 2 },
      }),
    );
    expect(log.map(({ trainLoss }) => trainLoss)).toEqual(
      [1.3, 1.3].map((x) => expect.closeTo(x, 12) as number),
    );
  });

  test("stops when patience is over and scores with the best epoch's weights", async () => {
    const engine = scriptedEngine([0.5, 1, 0.5, 0.5, 1, 1]);
    const trained = await trainModel(options({ engine, settings: { ...settings, epochs: 6 } }));
    expect(trained.log).toHaveLength(4); // best at 2, then two without a better one
    expect(trained.bestEpoch).toBe(2);
    expect(await engine.snapshot()).toEqual(Float32Array.of(6));
    expect(trained.probabilities[1]).toBeCloseTo(0.502, 6);
  });

  test("an equal AUC is not a better one", async () => {
    const engine = scriptedEngine([1, 1, 1, 1]);
    expect((await trainModel(options({ engine }))).bestEpoch).toBe(1);
  });

  test("on logloss the calibrated epoch wins, whatever its AUC, and is waited for as long", async () => {
    // Labels 1, 0, 0, 1 and a probability for item 1, another for item 2: AUC is 1 from the first epoch on, while the log
    // loss is least in the second: -ln 0.8, against -ln 0.6, -ln 0.7 and -ln 0.55.
    const certainty = [0.6, 0.8, 0.7, 0.55];
    const scripted = scriptedEngine([]);
    const engine: Engine = {
      ...scripted,
      predict: async (batch) => {
        const [steps = 0] = await scripted.snapshot();
        const sure = certainty[steps / 3 - 1] ?? 0;
        return Float32Array.from(batch.items.subarray(0, batch.size), (item) =>
          item === 1 ? sure : 1 - sure,
        );
      },
    };
    const trained = await trainModel(
      options({ engine, settings: { ...settings, stopOn: "logloss", epochs: 9 } }),
    );
    expect(trained.bestEpoch).toBe(2);
    expect(trained.log.map(({ validAuc }) => validAuc)).toEqual([1, 1, 1, 1]);
    expect(trained.log[1]?.validLogLoss).toBeCloseTo(-Math.log(0.8), 6);
    expect(trained.probabilities[0]).toBeCloseTo(0.8, 6);
  });

  test("`last` trains all epochs and keeps the last weights", async () => {
    const engine = scriptedEngine([1, 0.5, 0.5, 0.5]);
    const trained = await trainModel(
      options({ engine, selection: "last", samples: held(train, none, four) }),
    );
    expect(trained.bestEpoch).toBe(4);
    expect(trained.log.map((epoch) => epoch.validAuc)).toEqual([null, null, null, null]);
    expect(trained.probabilities[1]).toBeCloseTo(0.504, 6);
  });

  test("`test` chooses on the test rows and needs no valid rows", async () => {
    const engine = scriptedEngine([0.5, 0.5, 1, 0.5]);
    const trained = await trainModel(
      options({
        engine,
        selection: "test",
        samples: held(train, none, four),
        settings: { ...settings, patience: 3 },
      }),
    );
    expect(trained.bestEpoch).toBe(3);
    expect(trained.log[2]).toMatchObject({ validAuc: null, validLogLoss: null, testAuc: 1 });
    expect(trained.log[2]?.testLogLoss).toBeGreaterThan(0);
  });

  test("the cosine runs over the steps of all epochs", async () => {
    const rates: number[] = [];
    const engine = scriptedEngine([], (rate) => rates.push(rate));
    const { log } = await trainModel(
      options({
        engine,
        selection: "last",
        settings: { ...settings, schedule: "cosine", epochs: 2, learningRate: 1 },
      }),
    );
    const expected = [0, 1, 2, 3, 4, 5].map((step) => (1 + Math.cos((Math.PI * step) / 6)) / 2);
    expect(rates).toEqual(expected.map((rate) => expect.closeTo(rate, 12) as number));
    expect(log.map((epoch) => epoch.learningRate)).toEqual([rates[2], rates[5]]);
  });

  test("reports rows over all epochs, and ends with all of those it trained on", async () => {
    const progress: TaskProgress[] = [];
    let timeMs = 0;
    const context = {
      signal: new AbortController().signal,
      progress: (step: TaskProgress) => progress.push(step),
    };
    await trainModel(
      options({ engine: scriptedEngine([1, 0.5, 0.5]), context, now: () => (timeMs += 100) }),
    );
    expect(progress[0]).toEqual({
      rowsDone: 0,
      rowsTotal: 20,
      detail: { model: "dcn base seed 1", epoch: "1/4" },
    });
    const done = progress.map(({ rowsDone }) => rowsDone);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(progress.at(-1)).toEqual({
      rowsDone: 15,
      rowsTotal: 15,
      detail: { model: "dcn base seed 1", epoch: "3/4", loss: "0.5000", validAuc: "0.5000" },
    });
  });

  test("an abort from the event loop stops it between steps, though steps block", async () => {
    const controller = new AbortController();
    let steps = 0;
    let timeMs = 0;
    const engine = scriptedEngine([], () => steps++);
    setImmediate(() => {
      controller.abort();
    });
    const run = trainModel(
      options({
        engine,
        settings: { ...settings, epochs: 1000 },
        selection: "last",
        context: { signal: controller.signal, progress: () => undefined },
        now: () => (timeMs += 10),
      }),
    );
    await expect(run).rejects.toMatchObject({ name: "AbortError" });
    expect(steps).toBeLessThan(50);
  });

  test("rows that come from disk are read on after every step, however fast the steps", async () => {
    let [steps, turns] = [0, 0];
    let isOver = false;
    const turn = (): void => {
      turns += 1;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    const engine = scriptedEngine([], () => steps++);
    const samples = { ...held(train, none, four), isStreamed: true };
    await trainModel(options({ engine, samples, selection: "last", now: () => 0 }));
    isOver = true;
    expect(steps).toBe(12);
    expect(turns).toBeGreaterThanOrEqual(steps);
  });

  test("says so when training diverges", async () => {
    const engine = { ...scriptedEngine([]), step: () => Promise.resolve(NaN) };
    await expect(trainModel(options({ engine }))).rejects.toMatchObject({
      code: "STAGE_FAILED",
      message: expect.stringContaining("dcn base seed 1 diverged in epoch 1") as string,
    });
  });

  test.each([
    ["is empty", none],
    ["has rows of one class only (2 rows)", split([1, 2], [1, 1])],
  ])("refuses to choose the epoch on a split that %s", async (why, valid) => {
    await expect(trainModel(options({ samples: held(train, valid, four) }))).rejects.toThrow(
      `the valid split ${why}`,
    );
  });
});
