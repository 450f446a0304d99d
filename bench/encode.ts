/**
 * @file Texts and tokens per second of the bundled encoder: 1,000 seeded texts of 20 to 100 words, two cores, models already loaded.
 * Measured as the encode stage runs it: two worker threads, each with a session of one thread and half the texts.
 * Baselines in the same run: one session of two threads, and on a quarter of the texts one text at a time and batches of 16 in
 * arrival order. Each figure is the median of three alternating rounds.
 *
 * Needs a build. Run: `npx tsx bench/encode.ts [--json]`
 */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { bundledEncoderFolder } from "../src/encode/model/bundled-encoder.ts";
import { describeEncoder } from "../src/encode/model/describe-encoder.ts";
import { openEncoder } from "../src/encode/model/encoder.ts";
import { splitChunks } from "../src/encode/text/split-chunks.ts";
import { openTokenizer } from "../src/encode/text/text-tokenizer.ts";
import { openVectorModel } from "../src/encode/model/vector-model.ts";
import { paddingShare } from "./padding-share.ts";
import { median, printJson, rounded, type ResultLine } from "./result-line.ts";

const threads = 2;
const rounds = 3;
const textCount = 1000;
const words =
  "this viewer enjoys quiet character driven dramas from the late seventies with a strong sense of place, rates recent " +
  "action films lower and favours directors such as Kurosawa, Bergman and Scorsese; slapstick comedies and horror " +
  "sequels are avoided. Overall the taste leans toward melancholy humour, black and white photography and 1940s noir";

/** Deterministic numbers in [0, 1): a linear congruential generator (Numerical Recipes). */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function makeTexts(count: number): readonly string[] {
  const next = uniform(1);
  const pool = words.split(" ");
  const word = (): string => pool[Math.floor(next() * pool.length)] ?? "";
  return Array.from({ length: count }, () =>
    Array.from({ length: 20 + Math.floor(next() * 81) }, word).join(" "),
  );
}

/** A worker that encodes the texts it receives, like a worker of the encode stage. */
const worker = `
  const { parentPort, workerData } = require("node:worker_threads");
  import(workerData.module).then(async ({ openEncoder }) => {
    const encoder = await openEncoder({ folder: workerData.folder, threads: 1 });
    parentPort.on("message", async (texts) => {
      await encoder.encode(texts);
      parentPort.postMessage("done");
    });
    parentPort.postMessage("ready");
  });
`;

async function openWorkers(folder: string, count: number): Promise<readonly Worker[]> {
  const module = new URL("../dist/encode/model/encoder.js", import.meta.url).href;
  const workers = Array.from(
    { length: count },
    () => new Worker(worker, { eval: true, workerData: { module, folder } }),
  );
  await Promise.all(workers.map((each) => once(each, "message")));
  return workers;
}

async function measure(texts: readonly string[], folder: string) {
  const { files, card } = await describeEncoder({ folder });
  const encoder = await openEncoder({ folder, threads });
  const model = await openVectorModel({
    ...{ file: files.model, folder, card, threads },
    probe: [0],
  });
  const { tokenize } = await openTokenizer(files.tokenizer, card.tokenizer);
  const workers = await openWorkers(folder, threads);
  const inWorkers = (share: readonly string[]) =>
    Promise.all(
      workers.map((each, k) => {
        each.postMessage(share.filter((_, at) => at % threads === k));
        return once(each, "message");
      }),
    );
  const few = texts.slice(0, texts.length / 4);
  const inArrivalOrder = async (batchSize: number): Promise<void> => {
    const chunks = few.flatMap((text) => splitChunks(tokenize(text), card.maxTokens));
    for (let at = 0; at < chunks.length; at += batchSize) {
      await model.run(chunks.slice(at, at + batchSize).map((ids) => ({ ids, unpooled: 0 })));
    }
  };
  const cases = {
    tokenizer: { texts: texts.length, run: () => Promise.resolve(texts.map(tokenize)) },
    stage: { texts: texts.length, run: () => inWorkers(texts) },
    encoder: { texts: texts.length, run: () => encoder.encode(texts) },
    single: { texts: few.length, run: () => inArrivalOrder(1) },
    batches16: { texts: few.length, run: () => inArrivalOrder(16) },
  };
  const lengths = texts
    .flatMap((text) => splitChunks(tokenize(text), card.maxTokens))
    .map((chunk) => chunk.length);
  await encoder.encode(few.slice(0, 32));
  await inWorkers(few.slice(0, 32));
  const rates = { tokenizer: [], stage: [], encoder: [], single: [], batches16: [] } as Record<
    keyof typeof cases,
    number[]
  >;
  for (let round = 0; round < rounds; round++) {
    for (const name of ["tokenizer", "stage", "encoder", "single", "batches16"] as const) {
      const start = performance.now();
      await cases[name].run();
      rates[name].push(cases[name].texts / ((performance.now() - start) / 1000));
    }
  }
  await encoder.close();
  await model.close();
  await Promise.all(workers.map((each) => each.terminate()));
  return { rates, lengths };
}

const cacheDir = await mkdtemp(path.join(tmpdir(), "r4ec-bench-"));
try {
  const { rates, lengths } = await measure(
    makeTexts(textCount),
    await bundledEncoderFolder(cacheDir),
  );
  const peakRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
  const tokensPerText = lengths.reduce((sum, length) => sum + length, 0) / textCount;
  const padding = Math.round(paddingShare(lengths, 1024) * 1000) / 1000;
  const line = (
    name: string,
    value: number,
    baseline: string | null,
    baselineValue: number | null,
  ): ResultLine & { readonly tokensPerS: number } => ({
    bench: "encode",
    case: name,
    value: rounded(value),
    unit: "texts/s",
    tokensPerS: Math.round(value * tokensPerText),
    baseline,
    baselineValue: baselineValue === null ? null : rounded(baselineValue),
    ratio: baselineValue === null ? null : rounded(value / baselineValue),
    peakRssMb,
  });
  const stage = median(rates.stage);
  const against = (baseline: string, of: readonly number[]) =>
    line("bundled, a session a core, 2 cores", stage, baseline, median(of));
  const lines = [
    against("one session of 2 threads", rates.encoder),
    against("one text at a time", rates.single),
    against("batches of 16 in arrival order", rates.batches16),
    line("tokenizer, 1 thread", median(rates.tokenizer), null, null),
  ];
  if (process.argv.includes("--json")) printJson(lines);
  else {
    for (const { case: name, value, unit, tokensPerS, baseline, ratio } of lines) {
      const against = baseline === null ? "" : ` = ${ratio ?? "?"} x ${baseline}`;
      console.log(`encode: ${name}: ${value} ${unit}, ${tokensPerS} tokens/s${against}`);
    }
    console.log(`padding ${padding} in batches of 1,024 tokens; peak memory ${peakRssMb} MiB`);
  }
} finally {
  await rm(cacheDir, { recursive: true, force: true });
}
