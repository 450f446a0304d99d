/**
 * @file What a task costs besides its work: a stage of tasks that do nothing, on each executor.
 *
 * `local` are worker threads of this process. `array` are processes, `--per-job` tasks each, two at a time, that share the run folder.
 * `store` are worker threads in a working copy of a store; with `--store s3://bucket/folder` it is that one (credentials as for
 * `r4ec run`), otherwise a folder. `ray`, with `--ray ADDRESS`, are such processes as tasks of a Ray cluster on this machine, as many at a
 * time as it has cores; `--python` names a Python that has Ray. `slurm`, with `--slurm`, are such processes as an array of the cluster that
 * `sbatch` submits to. A second run of the same stage finds everything done: what listing costs.
 *
 * Needs `npm run build`. Run: `npx tsx bench/tasks.ts [--json] [--tasks 1000] [--per-job 100] [--store s3://…] [--ray http://127.0.0.1:8265] [--slurm]`
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { withTemporaryFolder } from "../src/base/files/temporary-folder.ts";
import type { Executor } from "../src/flow/executor.ts";
import { commandEngine } from "../src/flow/executors/jobs/command-engine.ts";
import { ownProgram } from "../src/flow/executors/jobs/job-command.ts";
import type { JobEngine } from "../src/flow/executors/jobs/job-engine.ts";
import { jobExecutor } from "../src/flow/executors/jobs/job-executor.ts";
import { rayEngine } from "../src/flow/executors/jobs/ray-engine.ts";
import { slurmEngine } from "../src/flow/executors/jobs/slurm-engine.ts";
import { localExecutor } from "../src/flow/executors/local/local-executor.ts";
import { runStages } from "../src/flow/run-stages.ts";
import { defineStage, type StageDef } from "../src/flow/stage.ts";
import { folderStore } from "../src/flow/store/folder-store.ts";
import { openRunStore } from "../src/flow/store/open-run-store.ts";
import { publishingExecutor } from "../src/flow/store/publishing-executor.ts";
import { withWorkingCopy } from "../src/flow/store/with-working-copy.ts";
import { makeRunFolder } from "../src/pipeline/run-folder.ts";
import { lineText, printJson, rounded, type ResultLine } from "./result-line.ts";

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    tasks: { type: "string", default: "1000" },
    "per-job": { type: "string", default: "100" },
    store: { type: "string" },
    ray: { type: "string" },
    slurm: { type: "boolean", default: false },
    python: { type: "string", default: "python3" },
  },
});
const [tasks, perJob, threads] = [Number(flags.tasks), Number(flags["per-job"]), 2];

/** Seconds of a stage in a run folder. */
async function secondsOf(runDir: string, stage: StageDef, executor: Executor): Promise<number> {
  const start = performance.now();
  const { signal } = new AbortController();
  await runStages({ runDir, stages: [stage], executor, signal, onEvent: () => undefined });
  return (performance.now() - start) / 1000;
}

function localOf(runDir: string): Executor {
  return localExecutor({ runDir, cacheDir: join(runDir, "cache"), threads, memoryMb: 1024 });
}

const lines: ResultLine[] = [];
await withTemporaryFolder("bench", async (folder) => {
  const module = join(folder, "nothing.mjs");
  await writeFile(module, "export const run = () => Promise.resolve([]);\n");
  const stage = defineStage({
    ...{ name: "nothing", module: pathToFileURL(module).href, export: "run", config: null },
    ...{ inputs: [], outputs: [], threads: 1 },
    plan: () => Array.from({ length: tasks }, (_, index) => ({ params: index, inputs: {} })),
  });
  const add = async (
    name: string,
    work: (run: (executor: Executor) => Promise<number>) => Promise<readonly number[]>,
    runDir: string,
  ): Promise<void> => {
    const seconds = await work((executor) => secondsOf(runDir, stage, executor));
    const [first, second = 0] = seconds.map((value) => rounded(tasks / value));
    const local = lines[0]?.value ?? null;
    lines.push({
      ...{ bench: "tasks", case: name, value: first ?? 0, unit: "tasks/s", peakRssMb: null },
      baseline: local === null ? null : "local",
      ...{ baselineValue: local, ratio: local === null ? null : rounded((first ?? 0) / local) },
    });
    process.stderr.write(`${name}: when all are done, ${second} tasks/s are looked through\n`);
  };

  const local = join(folder, "local");
  await makeRunFolder(local);
  const inThreads = localOf(local);
  await add("local", async (run) => [await run(inThreads), await run(inThreads)], local);
  await inThreads.close();

  const addJobs = async (
    name: string,
    engineOf: (site: { runDir: string; run: string; program: string }) => JobEngine,
  ): Promise<void> => {
    const runDir = join(folder, name);
    await makeRunFolder(runDir);
    const jobs = jobExecutor({
      ...{ runDir, engine: engineOf({ runDir, run: runDir, program: ownProgram() }) },
      ...{ tasksPerJob: perJob, tries: 1, atOnce: 2, resourcesOf: () => ({ cpus: 1 }) },
    });
    const work = async (run: (executor: Executor) => Promise<number>) => [
      await run(jobs),
      await run(jobs),
    ];
    await add(`${name}, ${perJob} per job`, work, runDir);
  };
  await addJobs("array", (site) => commandEngine({ ...site, command: "{task}", atOnce: 2 }));
  const { ray: address, python } = flags;
  if (address !== undefined) {
    await addJobs("ray", (site) =>
      rayEngine({
        ...{ ...site, address, python, headers: {}, name: "bench", isShared: true },
        ...{ runtimeEnv: {}, options: {} },
      }),
    );
  }

  if (flags.slurm) {
    await addJobs("slurm", (site) =>
      slurmEngine({ ...site, name: "bench", arraySize: 1000, arguments: [] }),
    );
  }

  const root = join(folder, "store");
  await mkdir(root);
  const store =
    flags.store === undefined
      ? folderStore(root)
      : await openRunStore(flags.store, { environment: process.env, isWritten: true });
  await withWorkingCopy(
    store,
    {
      ...{ wanted: { named: () => true }, mode: "drive", onNote: () => undefined },
      ...{ cacheDir: join(folder, "cache"), cacheBytes: 1e9 },
    },
    async (copy) => {
      const inCopy = localOf(copy.dir);
      const published = publishingExecutor(inCopy, copy);
      const name = flags.store === undefined ? "store in a folder" : "store in a bucket";
      await add(name, async (run) => [await run(published), await run(published)], copy.dir);
      await inCopy.close();
    },
  );
  await store.close();
});
if (flags.json) printJson(lines);
else for (const line of lines) console.log(lineText(line));
