/**
 * @file Rows per second and peak memory of training on samples that are streamed from disk, compared with the same training on the
 * same samples in memory.
 *
 * AutoInt without knowledge, 512 rows per step, embeddings of 32, histories of 10, one thread: a cheap step shows the cost of reading
 * most. Samples are synthetic, seeded, in parts of half a million rows, 70 % of them training rows. `in memory` loads
 * all rows; `streamed` may hold a fifth. Each runs in its own process on the same number of rows, two windows of the streamed
 * side: `rows/s` counts from the first step and includes all later waiting; `start s` is the time before it.
 *
 * Run: `npx tsx bench/stream.ts [--json] [--rows 5000000,20000000] [--rounds 1]`
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { z } from "zod";
import type { Catalog } from "../src/flow/stage.ts";
import { openDatabase } from "../src/tables/database.ts";
import { createBatcher } from "../src/train/data/batcher.ts";
import { modelShape } from "../src/train/engine/engine-request.ts";
import { trainModel } from "../src/train/loop/train-model.ts";
import { createOnnxEngine } from "../src/train/engine/onnx-engine.ts";
import { loadTrainingData } from "../src/train/data/training-data.ts";
import { median, medianRatio, printJson, rounded, type ResultLine } from "./result-line.ts";

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rows: { type: "string", default: "5000000,20000000" },
    rounds: { type: "string", default: "1" },
    child: { type: "string" },
  },
});

const partRows = 500_000;
const items = 3706;
const batchSize = 512;

/** What one process trains on. */
const job = z.object({ runDir: z.string(), rows: z.int(), memoryRows: z.int(), steps: z.int() });
type Job = z.infer<typeof job>;

/** What it measures. */
const measured = z.object({ rowsPerS: z.number(), startS: z.number(), peakRssMb: z.number() });
type Measured = z.infer<typeof measured>;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

if (flags.child === undefined) await compareAll();
else console.log(JSON.stringify(await trainOn(job.parse(JSON.parse(flags.child)))));

async function compareAll(): Promise<void> {
  const lines: ResultLine[] = [];
  for (const rows of flags.rows.split(",").map(Number)) {
    const runDir = await mkdtemp(join(tmpdir(), "r4ec-bench-"));
    try {
      await writeTables(runDir, rows);
      const memoryRows = rows / 5;
      const steps = Math.floor(memoryRows / batchSize);
      const inMemory: Measured[] = [];
      const streamed: Measured[] = [];
      for (let round = 0; round < Number(flags.rounds); round++) {
        inMemory.push(await inProcess({ runDir, rows, memoryRows: rows, steps }));
        streamed.push(await inProcess({ runDir, rows, memoryRows, steps }));
      }
      const of = (list: readonly Measured[], figure: keyof Measured): number =>
        median(list.map((one) => one[figure]));
      const line = {
        bench: "stream",
        case: `autoint base, ${rows} rows, ${memoryRows} in memory`,
        value: Math.round(of(streamed, "rowsPerS")),
        unit: "rows/s",
        baseline: "all rows in memory",
        baselineValue: Math.round(of(inMemory, "rowsPerS")),
        ratio: rounded(
          medianRatio(
            streamed.map(({ rowsPerS }) => rowsPerS),
            inMemory.map(({ rowsPerS }) => rowsPerS),
          ),
        ),
        startS: rounded(of(streamed, "startS")),
        baselineStartS: rounded(of(inMemory, "startS")),
        peakRssMb: Math.round(of(streamed, "peakRssMb")),
        baselinePeakRssMb: Math.round(of(inMemory, "peakRssMb")),
      };
      say(`stream: ${line.case}: ${line.value} rows/s = ${line.ratio} x in memory`);
      lines.push(line);
    } finally {
      await rm(runDir, { recursive: true });
    }
  }
  if (flags.json) printJson(lines);
  else console.table(lines);
}

async function inProcess(task: Job): Promise<Measured> {
  const file = fileURLToPath(import.meta.url);
  const args = ["--import", "tsx", file, "--child", JSON.stringify(task)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (piece: Buffer) => (text += piece.toString()));
  const [code] = (await once(child, "close")) as [number];
  if (code !== 0) throw new Error(`training on ${task.rows} rows failed`);
  return measured.parse(JSON.parse(text));
}

/** Trains the given number of steps. */
async function trainOn({ runDir, rows, memoryRows, steps }: Job): Promise<Measured> {
  const started = performance.now();
  const stop = new AbortController();
  const context = {
    ...{ runDir, cacheDir: runDir, tempDir: join(runDir, "tmp"), threads: 1, memoryMb: 1024 },
    signal: stop.signal,
    outputPath: (table: string) => join(runDir, table),
    progress: () => undefined,
    shared: <T>(_key: string, create: () => Promise<T>) => create(),
  };
  const data = await loadTrainingData({ inputs: tablesOf(rows) }, context, {
    settings: { attributes: ["genre"], attributeValues: "first", history: 10, memoryRows },
    ...{ userFeatures: [], deal: "own", seed: 1 },
  });
  const engine = await createOnnxEngine({
    ...{ backbone: "autoint", seed: 1, threads: 1 },
    shape: modelShape(data, { batchSize, embeddingDim: 32 }),
  });
  let taken = 0;
  let [first, last] = [0, 0];
  const counted: typeof engine = {
    ...engine,
    step: async (...args) => {
      if (taken === 0) first = performance.now();
      const loss = await engine.step(...args);
      taken += 1;
      if (taken === steps) {
        last = performance.now();
        stop.abort();
      }
      return loss;
    },
  };
  const { samples } = data;
  const batcher = createBatcher({ batchSize, history: samples.history, items: data.items });
  await trainModel({
    ...{ engine: counted, batcher, samples, selection: "last", seed: 1, name: "autoint", context },
    settings: {
      ...{ batchSize, learningRate: 1e-3, schedule: "constant", warmup: 0 },
      ...{ epochs: 9, patience: 9, stopOn: "auc" },
    },
  }).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  samples.close();
  await engine.close();
  return {
    rowsPerS: (steps * batchSize) / ((last - first) / 1000),
    startS: (first - started) / 1000,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
  };
}

function tablesOf(rows: number): Catalog {
  const part = (table: string, path: string) => ({ table, path, rows: 0, bytes: 0, sha256: "" });
  const parts = Array.from({ length: Math.ceil(rows / partRows) }, (_none, place) =>
    part("samples", `samples-${place}.parquet`),
  );
  return { samples: parts, items: [part("items", "items.parquet")] };
}

/** A hundred rows per user, popular items more often; a user's first 70 rows are training rows. */
async function writeTables(runDir: string, rows: number): Promise<void> {
  const tempDir = join(runDir, "tmp");
  await mkdir(tempDir);
  const db = await openDatabase({ threads: 2, memoryMb: 2048, tempDir });
  const item = (row: string): string =>
    `cast(1 + floor(${items} * pow(hash(${row}) / 18446744073709551616.0, 2)) as integer)`;
  try {
    await db.run("set preserve_insertion_order = true");
    await db.run(`copy (
      select range::integer as item_id, map {'genre': ['genre ' || range % 18]} as attributes from range(1, ${items + 1})
    ) to '${join(runDir, "items.parquet")}' (format parquet)`);
    for (let start = 0; start < rows; start += partRows) {
      await db.run(`copy (
        select
          (range // 100)::integer as user_id, (range % 100)::integer as rn, ${item("range")} as item_id,
          4::double as rating, (hash(range + 0.5) % 2)::tinyint as label, timestamp '2020-01-01' as ts,
          case when range % 100 < 70 then 'train' when range % 100 < 80 then 'valid' else 'test' end as split,
          [${item("range * 10 + place + 0.25")} for place in range(10)] as history_items,
          [(1 + hash(range * 10 + place + 0.75) % 5)::double for place in range(10)] as history_ratings
        from range(${start}, ${Math.min(rows, start + partRows)})
      ) to '${join(runDir, `samples-${start / partRows}.parquet`)}' (format parquet, compression zstd, compression_level 1)`);
    }
  } finally {
    db.close();
  }
}
