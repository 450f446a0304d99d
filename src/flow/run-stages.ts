import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { requireFolder } from "../base/files/folder-in.ts";
import { FlowError, reasonOf } from "../base/errors.ts";
import { missingArtifact } from "./artifacts.ts";
import { sweepAttempts } from "./attempts.ts";
import { noRetry } from "../base/retry-policy.ts";
import { dropCheckpoints } from "./checkpoints.ts";
import type { Executor } from "./executor.ts";
import { fileCheck, type FileCheck } from "./file-check.ts";
import { fileCommitStore, type CommitStore, type TaskManifest } from "./manifest.ts";
import { undoDamaged } from "./repair.ts";
import { removeReplaced } from "./replaced-parts.ts";
import { errorsIn, isToBeRetried } from "./outcomes.ts";
import type { RunEvent } from "./run-event.ts";
import {
  catalogOf,
  dropOutdated,
  dropReaders,
  readStageManifest,
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
  /** Where tasks spill. Absolute. Default: `tmp` in the run folder. */
  readonly scratchDir?: string;
  /** Whether to do again what is damaged and what follows from it, instead of refusing it. Default false. */
  readonly isRepair?: boolean;
  /** What is known of the run's files already. Default: nothing. */
  readonly check?: FileCheck;
  /** Called before each stage with the tables that are complete by then; an error stops the run. */
  readonly before?: (stage: StageDef, catalog: Catalog) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
}

/**
 * Completes every stage: lists what is committed, runs only what is missing, lists again, then writes the stage's manifest.
 * The caller must hold the run's lock.
 *
 * @throws `RUN_INVALID` naming the first file that is damaged and the cure, unless `isRepair`
 * @throws `INTERRUPTED` after an abort; `STAGE_FAILED`, or the task's own FlowError, when a task keeps failing
 */
export async function runStages(options: RunStagesOptions): Promise<Catalog> {
  const { runDir, stages, scratchDir = join(runDir, "tmp"), check = fileCheck(runDir) } = options;
  await mkdir(runDir, { recursive: true });
  const store = fileCommitStore(runDir);
  await store.restore();
  if (options.isRepair === true) {
    for (const { path, fault } of await undoDamaged(runDir, store, check)) {
      options.onEvent({ kind: "note", text: `${path}: ${fault}; what wrote it runs again` });
    }
  }
  await sweepAttempts(runDir, scratchDir, store);
  const done: StageManifest[] = [...(options.given ?? [])];
  for (const stage of stages) {
    const catalog = catalogOf(done);
    await options.before?.(stage, catalog);
    done.push(await runStage(stage, inputsOf(stage, catalog), { store, check }, options));
  }
  return catalogOf(done);
}

/** What is known of a run folder. */
interface Known {
  readonly store: CommitStore;
  readonly check: FileCheck;
}

async function runStage(
  stage: StageDef,
  inputs: Catalog,
  known: Known,
  options: RunStagesOptions,
): Promise<StageManifest> {
  const { runDir, onEvent } = options;
  const { store } = known;
  const started = performance.now();
  const tasks = taskSpecs(stage, inputs);
  const key = sha256(tasks.map((task) => task.key).join());
  for (const name of stage.replaces ?? []) {
    await removeReplaced(runDir, store, await dropOutdated(runDir, name, ""));
  }
  await removeReplaced(runDir, store, await dropOutdated(runDir, stage.name, key));
  const committed = await committedOf(tasks, store);
  await undoUnusable(tasks, committed, known, options);
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
    await completeTasks(stage, tasks, committed, known, options);
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
    const tables = current === null ? [] : changedTables(current, manifest);
    const readers = current === null ? [] : await dropReaders(runDir, current, tables);
    await writeStageManifest(runDir, manifest);
    await removeReplaced(runDir, store, current === null ? [] : [current, ...readers]);
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

/** Undoes the tasks that have lost a file beside the tables: removes them from `committed`. */
async function undoUnusable(
  tasks: readonly TaskSpec[],
  committed: Map<string, TaskManifest>,
  { store, check }: Known,
  { runDir, onEvent }: RunStagesOptions,
): Promise<void> {
  for (const task of tasks) {
    const manifest = committed.get(task.key);
    const missing = manifest && (await missingArtifact(runDir, task, manifest, check));
    if (manifest === undefined || missing === undefined || missing === null) continue;
    onEvent({ kind: "note", text: `${missing}; its task runs again` });
    await store.drop(manifest);
    committed.delete(task.key);
  }
}

/** Runs the tasks that are not in `committed`, and adds them to it. */
async function completeTasks(
  stage: StageDef,
  tasks: readonly TaskSpec[],
  committed: Map<string, TaskManifest>,
  { store, check }: Known,
  { runDir, executor, signal, onEvent }: RunStagesOptions,
): Promise<void> {
  const isMissing = (task: TaskSpec): boolean => !committed.has(task.key);
  for (let attempt = 1; tasks.some(isMissing); attempt++) {
    const missing = tasks.filter(isMissing);
    await requireFolder(runDir);
    for (const task of missing) await check.require(Object.values(task.inputs).flat());
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
    await requireFolder(runDir);
    if (failure instanceof FlowError) throw failure;
    for (const [key, manifest] of await committedOf(missing, store)) {
      committed.set(key, manifest);
      check.trust([...manifest.files, ...(manifest.artifacts ?? [])]);
    }
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
