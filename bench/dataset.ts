/**
 * @file Rows per second of the dataset stage: ingest and samples of ML-1M under protocol `reference` with histories of 5, as in the
 * paper's code. Times a whole process from start to exit; the leak audits separately. Baseline in the same run, alternating: the
 * same job in plain Python (peers/dataset.py). The ratio is the median of the rounds' ratios, because the machine's speed drifts
 * more between rounds than within one.
 *
 * Needs ML-1M in `$R4EC_SHARED/data/ml-1m` (default ../shared), python3 and a build. Run: `npx tsx bench/dataset.ts [--json]`
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import {
  lineText,
  median,
  medianRatio,
  printJson,
  rounded,
  type ResultLine,
} from "./result-line.ts";

const rounds = 7;
const ratings = 1_000_209;
const source = join(process.env["R4EC_SHARED"] ?? "../shared", "data", "ml-1m");
const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Brings a run of ML-1M to a stage with the built library, as `r4ec run --to` does. Arguments: data folder, run folder, stages. */
const job = `
  const [data, runDir, ...names] = process.argv.slice(1);
  const dist = ${JSON.stringify(fromHere("../dist/"))};
  const { warmLocalExecutor } = await import(dist + "flow/executors/local/local-executor.js");
  const warm = warmLocalExecutor("dataset/ingest/ingest-task");
  const { runStages } = await import(dist + "flow/run-stages.js");
  const { parsePipeline } = await import(dist + "pipeline/load-pipeline.js");
  const { stagesOf } = await import(dist + "pipeline/stages.js");
  const settings = parsePipeline("{ dataset: { source: movielens, path: " + data + " }, protocol: reference, samples: { history: 5 } }", "bench");
  const stages = (await stagesOf(settings)).map(({ def }) => def).filter(({ name }) => names.includes(name));
  const executor = warm.create({ runDir, cacheDir: runDir, threads: 2, memoryMb: 4096 });
  await runStages({ runDir, stages, executor, signal: new AbortController().signal, onEvent: () => undefined });
  await executor.close();
`;

/** Wall time of a whole process, seconds. */
async function secondsOf(command: string, args: readonly string[]): Promise<number> {
  const started = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (text: Buffer) => (errors += text.toString()));
  const [code] = (await once(child, "close")) as [number];
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${errors}`);
  return (performance.now() - started) / 1000;
}

const folder = await mkdtemp(join(tmpdir(), "r4ec-bench-"));
try {
  const data = join(folder, "ml-1m");
  await mkdir(data);
  await writeFile(
    join(data, "ratings.dat"),
    gunzipSync(await readFile(join(source, "ratings.dat.gz"))),
  );
  for (const name of ["movies.dat", "users.dat"])
    await copyFile(join(source, name), join(data, name));

  const seconds = { stage: [] as number[], audits: [] as number[], python: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    const out = join(folder, `run-${round}`);
    const args = ["--input-type=module", "--eval", job, data, out, "ingest", "samples"];
    seconds.stage.push(await secondsOf("node", args));
    seconds.audits.push(await secondsOf("node", [...args, "audit-samples"]));
    seconds.python.push(
      await secondsOf("python3", [
        fromHere("peers/dataset.py"),
        join(data, "ratings.dat"),
        folder,
        "5",
      ]),
    );
  }
  const line = (
    name: string,
    value: readonly number[],
    baseline: readonly number[] | null,
  ): ResultLine => ({
    bench: "dataset",
    case: name,
    value: rounded(ratings / median(value)),
    unit: "rows/s",
    baseline: baseline === null ? null : "plain Python, one process",
    baselineValue: baseline === null ? null : rounded(ratings / median(baseline)),
    ratio: baseline === null ? null : rounded(medianRatio(baseline, value)),
    peakRssMb: null,
  });
  const lines = [
    line("ML-1M, ingest and samples, whole process", seconds.stage, seconds.python),
    line("ML-1M, leak audits of samples, whole process", seconds.audits, null),
  ];
  if (process.argv.includes("--json")) printJson(lines);
  else for (const line of lines) console.log(lineText(line));
} finally {
  await rm(folder, { recursive: true, force: true });
}
