/**
 * @file Tokens per second of an encoder in BGE-M3's exact shape (24 layers of 1,024, 16 heads, 250,002 tokens, random weights), fp32 and int8,
 * over texts of 50 to 500 tokens. The ceiling is what onnxruntime's product of `[1024, 1024]` and `[1024, 4096]` reaches on the same cores
 * in the same run. Of the batches of similar length that 1,000 such texts make, every 25th is encoded: a sample of what a partition of
 * the encode stage does, padding included. Operations are those of the matrix products.
 *
 * Takes 2.9 GB of disk and about eight minutes on two cores.
 * Run: `npx tsx bench/encode-large.ts [--json] [--layers 24] [--texts 1000] [--every 25]`
 */
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { openEncoder } from "../src/encode/model/encoder.ts";
import { planBatches } from "../src/encode/model/plan-batches.ts";
import { onnxModelWriter } from "../src/onnx/format/model-writer.ts";
import { paddingShare } from "./padding-share.ts";
import { benchWords, bgeM3Shape, operationsPerToken, writeBgeM3Shape } from "./bge-m3-shape.ts";
import { printJson, rounded, type ResultLine } from "./result-line.ts";

const { values: options } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    layers: { type: "string", default: String(bgeM3Shape.layers) },
    texts: { type: "string", default: "1000" },
    every: { type: "string", default: "25" },
  },
});
const layers = Number(options.layers);
const threads = availableParallelism();
const batchTokens = 1024;
const precisions = ["int8", "fp32"] as const;
type Precision = (typeof precisions)[number];

/** Deterministic numbers in [0, 1): a linear congruential generator (Numerical Recipes). */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Operations per second of a product `[1024, 1024] x [1024, 4096]`, the best of ten. */
async function ceiling(precision: Precision): Promise<number> {
  const { hidden, wide } = bgeM3Shape;
  const next = uniform(2);
  const size = hidden * wide;
  const model = onnxModelWriter("product");
  const isSmall = precision === "int8";
  model.input("x", isSmall ? "uint8" : "float32", [batchTokens, hidden]);
  if (isSmall) {
    const weights = Int8Array.from({ length: size }, () => next() * 255 - 128);
    model.initializer("w", "int8", [hidden, wide], weights);
  } else {
    const weights = Float32Array.from({ length: size }, () => next() - 0.5);
    model.initializer("w", "float32", [hidden, wide], weights);
  }
  model.node(isSmall ? "MatMulInteger" : "MatMul", ["x", "w"], ["y"]);
  model.output("y", isSmall ? "int32" : "float32", [batchTokens, wide]);
  const session = await InferenceSession.create(model.bytes(), { intraOpNumThreads: threads });
  const length = batchTokens * hidden;
  const x = isSmall
    ? new Tensor(
        "uint8",
        Uint8Array.from({ length }, () => next() * 255),
        [batchTokens, hidden],
      )
    : new Tensor("float32", Float32Array.from({ length }, next), [batchTokens, hidden]);
  let best = 0;
  for (let round = 0; round < 12; round++) {
    const start = performance.now();
    await session.run({ x });
    const seconds = (performance.now() - start) / 1000;
    if (round >= 2) best = Math.max(best, (2 * batchTokens * size) / seconds);
  }
  await session.release();
  return best;
}

const next = uniform(1);
const drawn = Array.from({ length: Number(options.texts) }, () => 50 + Math.floor(next() * 451));
// A batch's end depends only on its own lengths: planned again, these texts form the same batches.
const lengths = planBatches(drawn, { batchTokens })
  .filter((_, k) => k % Number(options.every) === 0)
  .flatMap((batch) => batch.map((position) => drawn[position] ?? 0));
const texts = lengths.map((length) =>
  // two tokens of each are the special ones
  Array.from({ length: length - 2 }, () => benchWords[Math.floor(next() * benchWords.length)]).join(
    " ",
  ),
);
const tokens = lengths.reduce((sum, length) => sum + length, 0);
const operations = lengths.reduce(
  (sum, length) => sum + length * operationsPerToken(length, layers),
  0,
);
/** The median of three rounds, each between two measurements of the ceiling. */
async function measure(folder: string, precision: Precision) {
  const opening = performance.now();
  const encoder = await openEncoder({ folder, threads, precision });
  const openSeconds = (performance.now() - opening) / 1000;
  await encoder.encode(texts.slice(0, 2));
  const rounds: { readonly seconds: number; readonly ceiling: number }[] = [];
  for (let round = 0; round < 3; round++) {
    const before = await ceiling(precision);
    const start = performance.now();
    await encoder.encode(texts, { batchTokens });
    const seconds = (performance.now() - start) / 1000;
    rounds.push({ seconds, ceiling: (before + (await ceiling(precision))) / 2 });
  }
  const rssMb = Math.round(process.memoryUsage.rss() / 1024 ** 2);
  await encoder.close();
  const [, middle] = rounds.toSorted((a, b) => a.seconds - b.seconds);
  const { seconds = Number.NaN, ceiling: best = Number.NaN } = middle ?? {};
  return { openSeconds, seconds, best, rssMb, peakRssMb: process.resourceUsage().maxRSS / 1024 };
}

const folder = await mkdtemp(path.join(tmpdir(), "r4ec-bench-"));
try {
  await writeBgeM3Shape(folder, layers);
  const lines: ResultLine[] = [];
  for (const precision of precisions) {
    const { openSeconds, seconds, best, rssMb, peakRssMb } = await measure(folder, precision);
    const line = {
      bench: "encode",
      case: `BGE-M3's shape, ${layers} layers, ${precision}, ${threads} threads`,
      value: Math.round(tokens / seconds),
      unit: "tokens/s",
      baseline: "products alone",
      baselineValue: Math.round((best / operations) * tokens),
      ratio: Math.round((operations / seconds / best) * 1000) / 1000,
      texts: texts.length,
      textsPerS: rounded(texts.length / seconds),
      gigaOperationsPerS: Math.round(operations / seconds / 1e9),
      ceilingGigaOperationsPerS: Math.round(best / 1e9),
      paddingShare: Math.round(paddingShare(lengths, batchTokens) * 1000) / 1000,
      openSeconds: Math.round(openSeconds * 10) / 10,
      rssMb,
      peakRssMb: Math.round(peakRssMb),
    };
    lines.push(line);
    if (!options.json) {
      console.log(
        `encode: ${line.case}: ${line.value} tokens/s (${line.textsPerS} texts/s) = ${line.ratio} x ${line.baseline} ` +
          `(${line.gigaOperationsPerS} of ${line.ceilingGigaOperationsPerS} GOP/s); padding ${line.paddingShare}, opened in ` +
          `${line.openSeconds} s, memory ${line.rssMb} MiB, at most ${line.peakRssMb} MiB`,
      );
    }
  }
  if (options.json) printJson(lines);
} finally {
  await rm(folder, { recursive: true, force: true });
}
