import { hostname } from "node:os";
import { FlowError, asExpected, reasonOf } from "../../../base/errors.ts";
import type { ExecutorSite, TaskEvent } from "../../executor.ts";
import { fileCommitStore, type CommitStore } from "../../manifest.ts";
import { readPlannedStage, type PlannedStage } from "../../planned-stage.ts";
import type { TaskProgress, TaskSpec } from "../../task.ts";
import { localExecutor } from "../local/local-executor.ts";
import { publishingExecutor } from "../../store/publishing-executor.ts";
import type { SharedPlace } from "../../store/shared-budget.ts";
import type { WorkingCopy } from "../../store/working-copy.ts";
import { formatIndices } from "./index-ranges.ts";
import { beatMs, writeJobState } from "./job-state.ts";

export interface RunJobOptions extends ExecutorSite {
  readonly stage: string;
  /** Of the tasks to run, in rising order. */
  readonly indices: readonly number[];
  /** Under which it tells of itself. Letters, digits, `.`, `_` and `-`. */
  readonly id: string;
  readonly signal: AbortSignal;
  readonly onEvent: (event: TaskEvent) => void;
  /** Of the run, where `runDir` is a working copy. Default: the folder is the run. */
  readonly copy?: WorkingCopy;
  /** Variables that say how its store is reached. */
  readonly environment?: SharedPlace["environment"];
}

/**
 * Runs some tasks of a planned stage in this process: those that are not committed yet. The driver that planned it need not live.
 *
 * @returns How many tasks it ran, of those it was asked for
 * @throws What reading the plan throws; `CONFIG_INVALID` for a task that there is not; `INTERRUPTED` after an abort; the error of the first task that failed, once the others are done
 */
export async function runJob(options: RunJobOptions): Promise<{ readonly ran: number }> {
  const { runDir, stage, indices, id, signal, onEvent, copy } = options;
  const plan = await readPlannedStage(runDir, stage);
  const store = fileCommitStore(runDir);
  const planned = plan.tasks.filter(({ index }) => indices.includes(index));
  if (copy !== undefined) await fetchFor(planned, store, copy);
  await requireTasks(plan, indices, store);
  const open: TaskSpec[] = [];
  for (const task of planned) {
    if ((await store.get(stage, task.key)) === null) open.push(task);
  }
  const openIndices = new Set(open.map(({ index }) => index));
  const done = new Set(indices.filter((index) => !openIndices.has(index)));
  const running = new Map<number, TaskProgress>();
  const failed = new Map<number, Error>();

  let beat = 0;
  let written: Promise<void> = Promise.resolve();
  const tell = (isEnded: boolean): Promise<void> => {
    const state = {
      ...{ host: hostname(), pid: process.pid, beat: beat++, isEnded },
      running: Object.fromEntries(running),
      done: formatIndices([...done].sort((a, b) => a - b)),
      failed: Object.fromEntries([...failed].map(([index, error]) => [index, failureOf(error)])),
    };
    written = written.catch(() => undefined).then(() => writeJobState(runDir, stage, id, state));
    return written;
  };

  const tellSoon = (): void => {
    tell(false).catch(() => undefined); // the driver will miss it; the work goes on
  };
  await tell(false);
  const timer = setInterval(tellSoon, beatMs);
  const local = localExecutor({
    ...options,
    share: 1 / plan.jobsAtOnce,
    sharedPlace: { place: copy?.name ?? runDir, environment: options.environment ?? {} },
  });
  const executor = copy === undefined ? local : publishingExecutor(local, copy);
  try {
    for await (const event of executor.run({ ...plan, name: stage }, open, {
      signal,
      count: open.length,
    })) {
      const { index } = event.task;
      if (event.kind === "started") {
        running.set(index, { rowsDone: 0 });
        tellSoon();
      }
      if (event.kind === "progress") running.set(index, event.progress);
      if (event.kind === "finished") done.add(index);
      if (event.kind === "failed" && !signal.aborted) failed.set(index, event.error);
      if (event.kind === "finished" || event.kind === "failed") running.delete(index);
      onEvent(event);
    }
  } finally {
    clearInterval(timer);
    await executor.close();
    await tell(true).catch(() => undefined);
  }
  if (signal.aborted) throw new FlowError("INTERRUPTED", `interrupted in stage ${stage}`);
  const [failure] = failed.values();
  if (failure !== undefined) throw failure;
  return { ran: open.length };
}

/** Fetches what tasks read, and what those of them that are done have written. */
async function fetchFor(
  tasks: readonly TaskSpec[],
  store: CommitStore,
  copy: WorkingCopy,
): Promise<void> {
  const keys = new Set(tasks.map(({ key }) => key));
  const done = (await store.all()).filter(({ key }) => keys.has(key));
  await copy.fetch([
    ...tasks.flatMap(({ inputs }) => Object.values(inputs).flat()),
    ...done.flatMap(({ files, artifacts = [] }) => [...files, ...artifacts]),
  ]);
}

/** @throws `CONFIG_INVALID` for a task that is neither planned nor done */
async function requireTasks(
  { stage, tasks }: PlannedStage,
  indices: readonly number[],
  store: CommitStore,
): Promise<void> {
  const planned = new Set(tasks.map(({ index }) => index));
  const others = indices.filter((index) => !planned.has(index));
  if (others.length === 0) return;
  const done = (await store.all()).flatMap((task) => (task.stage === stage ? task.index : []));
  const unknown = others.filter((index) => !done.includes(index));
  if (unknown.length === 0) return;
  throw new FlowError(
    "CONFIG_INVALID",
    `stage ${stage} has no task ${formatIndices(unknown)}: its plan has ${formatIndices([...planned])}`,
  );
}

function failureOf(thrown: Error): { readonly code: string | null; readonly message: string } {
  const error = asExpected(thrown);
  const code = error instanceof FlowError ? error.code : null;
  return { code, message: reasonOf(error) };
}
