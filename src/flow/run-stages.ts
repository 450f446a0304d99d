import { rm } from "node:fs/promises";
import { join } from "node:path";
import { FlowError, reasonOf } from "../base/errors.ts";
import { noRetry } from "../base/retry-policy.ts";
import { dropCheckpoints } from "./checkpoints.ts";
import type { Executor } from "./executor.ts";
import { fileCommitStore, type CommitStore, type TaskManifest } from "./manifest.ts";
import { namesIn } from "../base/durable-file.ts";
import { errorsIn, isToBeRetried } from "./outcomes.ts";
import type { RunEvent } from "./run-event.ts";
import {
  catalogOf,
  dropOutdated,
  dropReaders,
  readStageManifest,
  readStageManifests,
  writeStageManifest,
  type StageManifest,
} from "./stage-manifest.ts";
import { inputsOf, type Catalog, type StageDef } from "./stage.ts";
import { taskSpecs } from "./task-key.ts";
import { sha256 } from "../base/sha256.ts";
import type { FileRef, TaskSpec } from "./task.ts";

export interface RunStagesOptions {
  readonly runDir: string;
  /** In order: a stage's inputs come from earlier stages or from `given`. */
  readonly stages: readonly StageDef[];
  /** Complete stages to use as they are, whatever their settings were. */
  readonly given?: readonly StageManifest[];
  readonly executor: Executor;
  /** Where tasks spill; emptied at the start, in case a kill left files there. Absolute. Default: `tmp` in the run folder. */
  readonly scratchDir?: string;
  /** Called before each stage with the tables that are complete by then; an error stops the run. */
  readonly before?: (stage: StageDef, catalog: Catalog) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
}

/**
 * Completes every stage: lists what is committed, runs only what is missing, lists again, then writes the stage's manifest.
 * The caller must hold the run's lock.
 *
 * @throws `INTERRUPTED` after an abort; `STAGE_FAILED`, or the task's own FlowError, when a task keeps failing
 */
export async function runStages(options: RunStagesOptions): Promise<Catalog> {
  const { runDir, stages, scratchDir = join(runDir, "tmp") } = options;
  await rm(scratchDir, { recursive: true, force: true });
  const store = fileCommitStore(runDir);
  await store.restore();
  await removeOrphans(runDir, store);
  const done: StageManifest[] = [...(options.given ?? [])];
  for (const stage of stages) {
    const catalog = catalogOf(done);
    await options.before?.(stage, catalog);
    done.push(await runStage(stage, inputsOf(stage, catalog), store, options));
  }
  return catalogOf(done);
}

async function runStage(
  stage: StageDef,
  inputs: Catalog,
  store: CommitStore,
  options: RunStagesOptions,
): Promise<StageManifest> {
  const { runDir, onEvent } = options;
  const started = performance.now();
  const tasks = taskSpecs(stage, inputs);
  const key = sha256(tasks.map((task) => task.key).join());
  await dropOutdated(runDir, stage.name, key);
  const committed = await committedOf(tasks, store);
  const again = [...committed.values()].filter((manifest) =>
    isToBeRetried(manifest, stage.retry ?? noRetry),
  );
  for (const { key: done } of again) committed.delete(done);
  const open = new Set(tasks.map((task) => task.key).filter((key) => !committed.has(key)));
  await dropCheckpoints(runDir, stage.name, (key) => open.has(key));
  const reused = committed.size;
  const rowsReused = [...committed.values()].reduce((sum, manifest) => sum + rowsOf(manifest), 0);
  onEvent({
    ...{ kind: "stage-started", stage: stage.name, tasks: tasks.length, reused, rowsReused },
    retried: errorsIn(again.flatMap(({ files }) => files)),
  });
  try {
    for (const manifest of again) await store.setAside(manifest);
    await completeTasks(stage, tasks, committed, store, options);
  } finally {
    if (again.length > 0) await store.restore();
  }

  const manifests = tasks
    .map((task) => committed.get(task.key))
    .filter((found) => found !== undefined);
  const manifest: StageManifest = {
    stage: stage.name,
    key,
    inputs: stage.inputs,
    outputs: stage.outputs,
    ...(stage.sources && { sources: stage.sources }),
    tasks: tasks.length,
    taskSeconds: manifests.reduce((sum, task) => sum + task.seconds, 0),
    files: manifests.flatMap((task) => task.files),
  };
  stage.check?.(manifest.files);
  const current = await readStageManifest(runDir, stage.name);
  if (current === null || JSON.stringify(current) !== JSON.stringify(manifest)) {
    if (current !== null) await dropReaders(runDir, current, changedTables(current, manifest));
    await writeStageManifest(runDir, manifest);
    await removeReplaced(runDir, current?.files ?? [], manifest.files);
  }
  const seconds = (performance.now() - started) / 1000;
  onEvent({
    kind: "stage-finished",
    stage: stage.name,
    tasks: tasks.length,
    reused,
    seconds,
    files: manifest.files,
  });
  return manifest;
}

/** Runs the tasks that are not in `committed`, and adds them to it. */
async function completeTasks(
  stage: StageDef,
  tasks: readonly TaskSpec[],
  committed: Map<string, TaskManifest>,
  store: CommitStore,
  { executor, signal, onEvent }: RunStagesOptions,
): Promise<void> {
  const isMissing = (task: TaskSpec): boolean => !committed.has(task.key);
  for (let attempt = 1; tasks.some(isMissing); attempt++) {
    const missing = tasks.filter(isMissing);
    const failures: Error[] = [];
    const running = executor.run(stage, untilFailure(missing, failures), {
      signal,
      count: missing.length,
    });
    for await (const event of running) {
      if (event.kind === "failed") {
        if (signal.aborted) continue; // stopped as asked
        failures.push(event.error);
      }
      onEvent({ kind: "task", stage: stage.name, event, attempt });
    }
    if (signal.aborted) throw new FlowError("INTERRUPTED", `interrupted in stage ${stage.name}`);
    const failure = failures.find((error) => !isPending(error)) ?? failures[0];
    if (failure instanceof FlowError) throw failure;
    for (const [key, manifest] of await committedOf(missing, store)) committed.set(key, manifest);
    if (attempt >= stage.maxAttempts && tasks.some(isMissing)) {
      throw stageFailed(stage, failure ?? new Error("a task ended without a result"), attempt);
    }
  }
}

/** The tables whose content differs, whatever their parts are called. */
function changedTables(
  before: Pick<StageManifest, "files" | "outputs">,
  now: Pick<StageManifest, "files">,
): readonly string[] {
  const contentOf = (files: readonly FileRef[], name: string): string =>
    files.flatMap(({ table, sha256: content }) => (table === name ? content : [])).join();
  return before.outputs.filter(
    (name) => contentOf(before.files, name) !== contentOf(now.files, name),
  );
}

/** Deletes the parts of tasks that have been done again. */
async function removeReplaced(
  runDir: string,
  before: readonly FileRef[],
  now: readonly FileRef[],
): Promise<void> {
  const kept = new Set(now.map(({ path }) => path));
  for (const { path } of before) {
    if (!kept.has(path)) await rm(join(runDir, path), { force: true });
  }
}

/** Hands out no more tasks once one has failed: they would only delay the error. Waiting for answers is not a failure. */
function* untilFailure(tasks: readonly TaskSpec[], failures: readonly Error[]): Iterable<TaskSpec> {
  for (const task of tasks) {
    if (!failures.every(isPending)) return;
    yield task;
  }
}

async function committedOf(
  tasks: readonly TaskSpec[],
  store: CommitStore,
): Promise<Map<string, TaskManifest>> {
  const found = new Map<string, TaskManifest>();
  for (const task of tasks) {
    const manifest = await store.get(task.stage, task.key);
    if (manifest !== null) found.set(task.key, manifest);
  }
  return found;
}

/**
 * Deletes parts that no manifest names, left behind by killed attempts. Safe because the run is locked. A stage that was being done
 * again keeps its parts until it is complete, so that it can be read meanwhile.
 */
async function removeOrphans(runDir: string, store: CommitStore): Promise<void> {
  const manifests = [...(await store.all()), ...(await readStageManifests(runDir))];
  const named = new Set(manifests.flatMap(({ files }) => files.map(({ path }) => path)));
  for (const table of await namesIn(join(runDir, "tables"))) {
    for (const part of await namesIn(join(runDir, "tables", table))) {
      const path = `tables/${table}/${part}`;
      if (!named.has(path)) await rm(join(runDir, path), { recursive: true, force: true });
    }
  }
}

/** Whether a task has queued its prompts for a batch and now waits; other tasks still run, to queue theirs. */
export function isPending(error: unknown): boolean {
  return error instanceof FlowError && error.code === "ANSWERS_PENDING";
}

function stageFailed(stage: StageDef, error: Error, attempts: number): FlowError {
  return new FlowError(
    "STAGE_FAILED",
    `stage ${stage.name} failed after ${attempts} attempt${attempts > 1 ? "s" : ""}: ${error.stack ?? reasonOf(error)}`,
    { cause: error },
  );
}

function rowsOf(manifest: TaskManifest): number {
  return manifest.files.reduce((sum, file) => sum + file.rows, 0);
}
