import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { createBatcher } from "../../../src/train/data/batcher.ts";
import { fileCheckpoint } from "../../../src/train/loop/checkpoint.ts";
import { createDenseIndex } from "../../../src/train/data/dense-index.ts";
import { trainModel } from "../../../src/train/loop/train-model.ts";
import { createOnnxEngine } from "../../../src/train/engine/onnx-engine.ts";
import { createRandom } from "../../../src/base/random.ts";
import { memorySplit, type SampleSplit } from "../../../src/train/data/sample-split.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";

const epochs = 40;
const [users, items, width, batchSize, history] = [20, 30, 1024, 64, 2];
const { uniform } = createRandom(9);
const whole = (below: number): number => Math.floor(uniform() * below);

function split(rows: number): SampleSplit {
  const columns = {
    rows,
    users: Int32Array.from({ length: rows }, () => 1 + whole(users)),
    places: Int32Array.from({ length: rows }, (_none, row) => row),
    items: Int32Array.from({ length: rows }, () => 1 + whole(items)),
    labels: Float32Array.from({ length: rows }, () => whole(2)),
    historyItems: Int32Array.from({ length: rows * history }, () => 1 + whole(items)),
    historyRatings: new Int32Array(rows * history).fill(1),
    historyLengths: new Int32Array(rows).fill(history),
  };
  return memorySplit(columns, columns.labels.filter((label) => label === 1).length);
}

const vectors = (size: number) => ({
  width,
  values: Float32Array.from({ length: (size + 1) * width }, () => uniform() - 0.5),
  isPresent: new Uint8Array(size + 1).fill(1),
});

/** What the process holds after a full garbage collection, MiB; its heap and buffers alone, and with all native memory. */
function heldMb(): { readonly script: number; readonly process: number } {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { script: (heapUsed + external) / 2 ** 20, process: rss / 2 ** 20 };
}

test("memory stays level over epochs of training, measuring and noting", async () => {
  const catalogue = {
    index: createDenseIndex(Int32Array.from({ length: items }, (_none, item) => 1 + item)),
    attributeSlots: [1],
    attributeValues: 1,
    attributes: new Int32Array(items + 1).fill(1),
  };
  const engine = await createOnnxEngine({
    backbone: "dcn",
    shape: {
      ...{ batchSize, items, history, attributeSlots: [1], attributeValues: 1, ratings: 1 },
      embeddingDim: 4,
      knowledge: { userDim: width, itemDim: width },
    },
    seed: 1,
    threads: 1,
    dropout: 0.1,
  });
  const runDir = await scratchFolder();
  const file = fileCheckpoint({
    runDir,
    path: join(runDir, "state.safetensors"),
    taskKey: "memory",
    everyMs: Number.POSITIVE_INFINITY,
    onIgnored: () => undefined,
  });
  const held: ReturnType<typeof heldMb>[] = [];
  let saves = 0;
  // 4 steps of 0.5 MiB of vectors and 2 batches to score an epoch, and 2 MiB of state.
  await trainModel({
    engine,
    batcher: createBatcher({
      ...{ batchSize, history, items: catalogue },
      knowledge: { user: vectors(users), item: vectors(items) },
    }),
    samples: {
      ...{ train: split(4 * batchSize), valid: split(2 * batchSize), test: split(batchSize) },
      isStreamed: false,
    },
    settings: {
      ...{ batchSize, learningRate: 1e-3, schedule: "constant", warmup: 0 },
      ...{ epochs, patience: epochs, stopOn: "logloss" },
    },
    selection: "valid",
    seed: 1,
    name: "dcn",
    context: { signal: new AbortController().signal, progress: () => undefined },
    checkpoint: {
      ...file,
      save: async (...args) => {
        await file.save(...args);
        saves++;
        if (saves === 10 || saves === epochs) held.push(heldMb());
      },
    },
  });
  await engine.close();
  const [early, late] = held;
  expect(held).toHaveLength(2);
  // Between the two lie 30 epochs: the batch of each step and score, if kept, would come to 90 MiB, the state of each epoch
  // to as much. What native memory an allocator holds on to varies by 20.
  expect((late?.script ?? 0) - (early?.script ?? 0)).toBeLessThan(15);
  expect((late?.process ?? 0) - (early?.process ?? 0)).toBeLessThan(45);
});
