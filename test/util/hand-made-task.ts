import { mkdirSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Json } from "../../src/base/json.ts";
import type { TaskManifest } from "../../src/flow/manifest.ts";
import { runTask, type TaskSite } from "../../src/flow/run-task.ts";
import { catalogOf } from "../../src/flow/stage-manifest.ts";
import type { Catalog } from "../../src/flow/stage.ts";
import { sha256 } from "../../src/base/sha256.ts";
import type { TaskContext, TaskSpec } from "../../src/flow/task.ts";

/** What a task of the room `dataset` is: module and export as stages name them, tables it writes. */
const tasks = {
  ingest: {
    file: "ingest/ingest-task",
    export: "ingest",
    outputs: ["interactions", "items", "users", "rejects", "ingest_counts"],
  },
  cuts: { file: "split/cuts-task", export: "makeCuts", outputs: ["cuts"] },
  samples: { file: "split/samples-task", export: "makeSamples", outputs: ["timeline", "samples"] },
  contexts: {
    file: "contexts/contexts-task",
    export: "makeContexts",
    outputs: ["user_contexts", "item_contexts"],
  },
  stats: { file: "stats/stats-task", export: "makeStats", outputs: ["user_stats", "item_stats"] },
  audits: { file: "audits/audit-task", export: "auditTables", outputs: ["audits"] },
} as const;

/** The only task of a stage. */
export function datasetTask(
  stage: keyof typeof tasks,
  config: Json,
  inputs: Catalog = {},
): TaskSpec {
  const { file, export: name, outputs } = tasks[stage];
  return {
    stage,
    index: 0,
    key: sha256(JSON.stringify([stage, config, inputs])),
    module: `dataset/${file}`,
    export: name,
    config,
    runtime: null,
    params: {},
    outputs,
    inputs,
  };
}

/** Splits interactions as the stages do: finds the cuts, where the protocol has any, and makes the samples. */
export async function splitByTasks(
  runDir: string,
  config: { readonly protocol: string; readonly samples: Json; readonly [key: string]: Json },
  ingested: Catalog,
): Promise<TaskManifest> {
  const { protocol, samples } = config;
  const cuts =
    protocol === "reference"
      ? {}
      : catalogOf([
          await runTask(datasetTask("cuts", { protocol, samples }, ingested), taskSite(runDir)),
        ]);
  const task = datasetTask("samples", config, { ...ingested, ...cuts });
  return runTask(task, taskSite(runDir));
}

/** Where tasks of a test run, a folder that is made if missing: two threads, nothing shared, progress ignored. */
export function taskSite(runDir: string): TaskSite {
  mkdirSync(runDir, { recursive: true });
  return {
    runDir,
    cacheDir: join(runDir, "cache"),
    threads: 2,
    memoryMb: 1024,
    signal: new AbortController().signal,
    progress: () => undefined,
    shared: (_key, create) => create(),
  };
}

/** For a task that is called directly: its parts lie in the folder under the name of their table. */
export function taskContext(runDir: string): TaskContext {
  return {
    ...taskSite(runDir),
    tempDir: join(runDir, "tmp"),
    outputPath: (table) => join(runDir, `${table}.parquet`),
  };
}

/** Makes a folder with these files and returns its path. */
export async function makeFolder(
  path: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> {
  await mkdir(path, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
  return path;
}

/** Every file under a folder, sorted; none when there is no such folder. */
export async function filesUnder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort();
}
