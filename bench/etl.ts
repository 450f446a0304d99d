/**
 * @file Rows per second and peak memory of the dataset stage on made-up logs of growing size: ingest, cuts, samples with histories of 10,
 * and contexts of users and items, under protocol `leakfree`, with a memory limit of 2 GB and two threads. Each size is a whole process
 * from start to exit; making the log is not counted. `growth` is the time per row compared with the previous size: 1 is linear.
 *
 * Needs a build, and disk for the largest size: some 5 GB for 100 million rows.
 * Run: `npx tsx bench/etl.ts [--json] [--sizes 1,10,100] [--protocol leakfree] [--memory 2GB] [--threads 2] [--dir FOLDER]`
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { synthesize } from "../src/dataset/synth/synthesize.ts";
import { printJson, rounded, type ResultLine } from "./result-line.ts";

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    sizes: { type: "string", default: "1,10,100" },
    protocol: { type: "string", default: "leakfree" },
    memory: { type: "string", default: "2GB" },
    threads: { type: "string", default: "2" },
    dir: { type: "string", default: tmpdir() },
  },
});

/** Brings a run to `contexts` without the audits, then prints its stages' times and its peak memory. Arguments: file, folder. */
const job = `
  import { readFileSync } from "node:fs";
  const [file, runDir] = process.argv.slice(1);
  const dist = ${JSON.stringify(fileURLToPath(new URL("../dist/", import.meta.url)))};
  const { localExecutor } = await import(dist + "flow/executors/local/local-executor.js");
  const { runStages } = await import(dist + "flow/run-stages.js");
  const { loadPipeline } = await import(dist + "pipeline/load-pipeline.js");
  const { runtimeOf } = await import(dist + "pipeline/settings.js");
  const { stagesOf } = await import(dist + "pipeline/stages.js");
  const settings = await loadPipeline(file);
  const wanted = ["ingest", "cuts", "samples", "contexts"];
  const stages = (await stagesOf(settings)).map(({ def }) => def).filter(({ name }) => wanted.includes(name));
  const seconds = {};
  const executor = localExecutor({ ...runtimeOf(settings), runDir, cacheDir: runDir });
  const onEvent = (event) => {
    if (event.kind === "stage-finished") seconds[event.stage] = event.seconds;
  };
  await runStages({ runDir, stages, executor, signal: new AbortController().signal, onEvent });
  await executor.close();
  const peakRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify({ seconds, peakRssMb }));
`;

/** What one size took. */
interface Measured {
  readonly rows: number;
  readonly seconds: number;
  /** By stage. */
  readonly stages: Readonly<Record<string, number>>;
  readonly peakRssMb: number;
}

async function measure(rows: number, folder: string): Promise<Measured> {
  const data = join(folder, "log");
  const runDir = join(folder, "run");
  await synthesize({
    ...{ rows, users: Math.ceil(rows / 100), items: Math.ceil(rows / 1000), seed: 1 },
    ...{ outDir: data, threads: Number(flags.threads), memoryMb: 2048 },
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  const pipeline = {
    dataset: {
      source: "parquet",
      interactions: join(data, "interactions-*.parquet"),
      columns: { user: "user_id", item: "item_id", time: "ts", rating: "rating" },
      items: { path: join(data, "items.parquet"), year: "year", attributes: ["genre", "studio"] },
      shortUsers: "drop",
    },
    protocol: flags.protocol,
    samples: { history: 10 },
    contexts: { partRows: 10_000 },
    runtime: { threads: Number(flags.threads), memoryLimit: flags.memory },
  };
  const file = join(folder, "pipeline.yaml");
  await writeFile(file, JSON.stringify(pipeline));
  const started = performance.now();
  const { seconds: stages, peakRssMb } = await runJob(file, runDir);
  return { rows, seconds: (performance.now() - started) / 1000, stages, peakRssMb };
}

async function runJob(...args: readonly string[]): Promise<{
  readonly seconds: Readonly<Record<string, number>>;
  readonly peakRssMb: number;
}> {
  const child = spawn("node", ["--input-type=module", "--eval", job, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let answer = "";
  child.stdout.on("data", (text: Buffer) => (answer += text.toString()));
  const [code] = (await once(child, "close")) as [number];
  if (code !== 0) throw new Error(`the run of ${args.join(" ")} failed`);
  return JSON.parse(answer) as Awaited<ReturnType<typeof runJob>>;
}

const measured: Measured[] = [];
const lines: (ResultLine & {
  /** Of the whole process. */
  readonly seconds: number;
  readonly stages: Measured["stages"];
})[] = [];
for (const millions of flags.sizes.split(",").map(Number)) {
  await mkdir(flags.dir, { recursive: true });
  const folder = await mkdtemp(join(flags.dir, "r4ec-etl-"));
  try {
    const now = await measure(millions * 1_000_000, folder);
    const before = measured.at(-1);
    const perRow = ({ seconds, rows }: Measured): number => seconds / rows;
    const growth = before === undefined ? null : rounded(perRow(now) / perRow(before));
    measured.push(now);
    lines.push({
      bench: "etl",
      case: `${millions} million rows, ${flags.protocol}, ${flags.memory}, ${flags.threads} threads`,
      value: rounded(now.rows / now.seconds),
      unit: "rows/s",
      baseline: before === undefined ? null : `time a row at ${before.rows / 1e6} million rows`,
      baselineValue: before === undefined ? null : rounded(before.rows / before.seconds),
      ratio: growth,
      peakRssMb: now.peakRssMb,
      seconds: rounded(now.seconds),
      stages: now.stages,
    });
    const stages = Object.entries(now.stages).map(([name, s]) => `${name} ${s.toFixed(1)}`);
    process.stderr.write(
      `etl: ${millions} million rows: ${now.seconds.toFixed(1)} s (${stages.join(", ")}), ${now.peakRssMb} MiB` +
        `${growth === null ? "" : `, growth ${growth}`}\n`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
if (flags.json) printJson(lines);
