/**
 * @file Training speed: `npx tsx bench/train.ts [--json]`.
 *
 * Measures whole optimiser steps (check, forward, backward, AdamW) on random rows of MovieLens-1M's sizes, batch 256,
 * embeddings of 32, 10 events of history, on two threads. The baseline is the same step with its measured AdamW update
 * exchanged for that of the TypeScript kernel.
 */
import { createOnnxEngine } from "../src/train/onnx-engine.ts";
import type { EngineRequest, ModelShape } from "../src/train/engine.ts";
import { randomBatch } from "../test/train/random-batch.ts";
import { createAdam, plainAdamKernel } from "../src/train/onnx/adam.ts";
import { createArena } from "../src/train/onnx/arena.ts";

/** One line of the result; `ratio` = value / baselineValue. */
interface Measurement {
  readonly bench: "train";
  readonly case: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: string;
  readonly baselineValue: number;
  readonly ratio: number;
  readonly peakRssMb: number;
}

const threads = 2;
const batches = 8;
const secondsPerCase = 3;

const movielens: ModelShape = {
  batchSize: 256,
  items: 3706,
  attributeValues: 18,
  attributeSlots: [1],
  ratings: 5,
  history: 10,
  embeddingDim: 32,
};

const cases = (["dcn", "autoint"] as const).flatMap((backbone) => [
  { backbone, name: `${backbone}, base`, shape: movielens },
  {
    backbone,
    name: `${backbone}, mlp connector, 2 x 512`,
    shape: { ...movielens, knowledge: { userDim: 512, itemDim: 512 } },
  },
  {
    backbone,
    connector: "hea" as const,
    name: `${backbone}, hea connector, 2 x 1024`,
    shape: { ...movielens, knowledge: { userDim: 1024, itemDim: 1024 } },
  },
]);

const measurements: Measurement[] = [];
for (const { name, ...options } of cases) measurements.push(await measureSteps(name, options));

if (process.argv.includes("--json")) {
  process.stdout.write(`${JSON.stringify(measurements, null, 2)}\n`);
} else {
  for (const { case: name, value, unit, baseline, baselineValue, ratio } of measurements) {
    process.stdout.write(
      `${name.padEnd(40)} ${value.toFixed(1)} ${unit}, ${ratio.toFixed(2)} x ${baseline} (${baselineValue.toFixed(1)})\n`,
    );
  }
}

/** Steps a second, against the same step with the AdamW update in TypeScript instead of WebAssembly. */
async function measureSteps(
  name: string,
  options: Pick<EngineRequest, "backbone" | "connector" | "shape">,
): Promise<Measurement> {
  const engine = await createOnnxEngine({ ...options, seed: 1, threads });
  const data = Array.from({ length: batches }, (_, seed) => randomBatch(options.shape, seed));
  const stepMs = await medianMs(async (round) => {
    const batch = data[round % data.length];
    if (batch) await engine.step(batch, 1e-3);
  });
  await engine.close();

  const arena = createArena([engine.parameterCount]);
  const { update } = createAdam(arena);
  const { update: plainUpdate } = createAdam(arena, {}, plainAdamKernel(arena));
  const adamMs = await medianMs(() => {
    update(1e-3);
  });
  const plainAdamMs = await medianMs(() => {
    plainUpdate(1e-3);
  });
  const value = 1000 / stepMs;
  const baselineValue = 1000 / (stepMs - adamMs + plainAdamMs);
  return {
    bench: "train",
    case: name,
    value,
    unit: "steps/s",
    baseline: "AdamW in TypeScript",
    baselineValue,
    ratio: value / baselineValue,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
  };
}

async function medianMs(run: (round: number) => Promise<void> | void): Promise<number> {
  for (let round = 0; round < 20; round++) await run(round);
  const times: number[] = [];
  const started = performance.now();
  while (performance.now() - started < secondsPerCase * 1000 || times.length < 20) {
    const before = performance.now();
    await run(times.length);
    times.push(performance.now() - before);
  }
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? NaN;
}
