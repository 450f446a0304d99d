import { setTimeout as delay } from "node:timers/promises";
import { FlowError, type FlowErrorCode } from "../../../base/errors.ts";
import type { ExecutedStage, Executor, TaskEvent } from "../../executor.ts";
import { fileCommitStore } from "../../manifest.ts";
import { writePlannedStage } from "../../planned-stage.ts";
import type { TaskSpec } from "../../task.ts";
import { parseIndices } from "./index-ranges.ts";
import { openJobBoard, type WatchedJob } from "./job-board.ts";
import type { JobEngine, JobResources } from "./job-engine.ts";
import { lastWords, readJobState } from "./job-state.ts";
import { mayPass } from "./passing-errors.ts";
import { forgetBudget } from "./submissions.ts";

export interface JobExecutorOptions {
  readonly runDir: string;
  readonly engine: JobEngine;
  /** Tasks per job. */
  readonly tasksPerJob: number;
  /** Most jobs at a time. Default: all of a stage. */
  readonly atOnce?: number | undefined;
  /** How often a task is submitted whose jobs are lost. */
  readonly tries: number;
  readonly resourcesOf: (stage: ExecutedStage) => JobResources;
  /** How often manifests and the jobs' states are looked at, ms. Default 1,000. */
  readonly pollMs?: number;
  /** A job that has told nothing for so long is lost, whatever its engine says, ms. Default 60,000. */
  readonly lostMs?: number;
  /** Brings the plan of a stage to where jobs look for it, before the first is submitted. Default: they see the run folder. */
  readonly publishPlan?: () => Promise<void>;
  /** Takes over what jobs of a stage have done, before any is given up. Default: the run folder shows it. */
  readonly takeOver?: (stage: string) => Promise<void>;
  /** Default: the system's, ms. */
  readonly now?: () => number;
}

/**
 * Runs the tasks of a stage as jobs of an engine, which share nothing with this process but the run folder.
 *
 * It submits what no manifest names and no job is at work on, and watches manifests and signs of life. Tasks of a job that is lost (that
 * has ended without a word, or been silent for too long) are submitted again at once; a task that its job says has failed is reported as
 * failed, and {@link runStages} hands it out again or not. A driver that was killed and is started again, here or elsewhere, finds the
 * jobs of before at work. An abort cancels all jobs.
 */
export function jobExecutor(options: JobExecutorOptions): Executor {
  return {
    run: (stage, tasks, { signal }) => runAsJobs(stage, [...tasks], signal, options),
    close: () => Promise.resolve(),
  };
}

async function* runAsJobs(
  stage: ExecutedStage,
  tasks: readonly TaskSpec[],
  signal: AbortSignal,
  options: JobExecutorOptions,
): AsyncGenerator<TaskEvent> {
  const { runDir, engine, tries, resourcesOf } = options;
  const { pollMs = 1_000, lostMs = 60_000, now = Date.now } = options;
  const store = fileCommitStore(runDir);
  const open = new Map(tasks.map((task) => [task.index, task]));
  const started = new Set<number>();
  const losses = new Map<number, number>();
  const jobs = Math.max(1, Math.ceil(tasks.length / options.tasksPerJob));
  const jobsAtOnce = Math.min(jobs, options.atOnce ?? jobs);
  const again: number[] = [];
  const board = await openJobBoard({
    ...{ ...options, stage, open, resources: resourcesOf(stage), patienceMs: 10 * lostMs, now },
  });
  const early = (await board.look()).flatMap(({ indices }) => indices);
  if (early.length === 0) await forgetBudget(runDir, stage.name);
  await writePlannedStage(runDir, stage, { tasks, jobsAtOnce });
  await options.publishPlan?.();

  /** Tells of a task's beginning and progress. */
  function* tellOf({ state, indices }: WatchedJob): Generator<TaskEvent> {
    for (const index of indices) {
      const task = open.get(index);
      const progress = state?.running[index];
      if (task === undefined || progress === undefined) continue;
      if (!started.has(index)) yield { kind: "started", task };
      started.add(index);
      yield { kind: "progress", task, progress };
    }
  }
  /** Closes the tasks of these that are committed. */
  async function* settle(indices: readonly number[]): AsyncGenerator<TaskEvent> {
    for (const index of indices) {
      const task = open.get(index);
      if (task === undefined || (await store.get(stage.name, task.key)) === null) continue;
      open.delete(index);
      yield { kind: "finished", task };
    }
  }
  /** Closes the tasks that a job which is over has not done, except those that were lost and may be tried again: they go to `again`. */
  async function* giveUp(job: WatchedJob, isSilent: boolean): AsyncGenerator<TaskEvent> {
    const state = await readJobState(runDir, stage.name, job.submission.id);
    for (const index of job.indices) {
      const task = open.get(index);
      if (task === undefined) continue;
      const told = state?.failed[index];
      const lost = (losses.get(index) ?? 0) + 1;
      if (told === undefined && lost < tries) {
        losses.set(index, lost);
        started.delete(index);
        again.push(index);
        continue;
      }
      open.delete(index);
      const error =
        told === undefined
          ? lostJob({ ...job, state }, { isSilent, words: await wordsAbout({ ...job, state }) })
          : failedTask(index, told, state?.host);
      yield { kind: "failed", task, error };
    }
  }
  const isSilentJob = ({ state, silentMs }: WatchedJob): boolean =>
    state !== null && silentMs > lostMs;
  const isOver = (job: WatchedJob): boolean =>
    job.state?.isEnded === true || !job.isAlive || isSilentJob(job);
  /** The last that is known of a job that has not told of its end. */
  const wordsAbout = async ({ submission, state }: WatchedJob): Promise<string | null> => {
    if (state?.isEnded === true) return null;
    const { id, handle } = submission;
    const told = await engine.lastWords?.(handle).catch(() => null);
    const words = [await lastWords(runDir, stage.name, id), told].filter(isText);
    return words.length === 0 ? null : words.join("\n");
  };

  await board.submit([...open.keys()].filter((index) => !early.includes(index)));
  try {
    const end = { isFatal: false };
    const goesOn = (): boolean => open.size > 0 && !signal.aborted && !end.isFatal;
    while (goesOn()) {
      const looked = await board.look();
      if (looked.some(isOver)) await options.takeOver?.(stage.name);
      for (const job of looked) {
        yield* tellOf(job);
        yield* settle(job.state === null ? [] : parseIndices(job.state.done));
        if (!isOver(job)) continue;
        const isSilent = isSilentJob(job);
        if (isSilent) await board.cancel([job]);
        await board.remove(job);
        yield* settle(job.indices);
        for await (const event of giveUp(job, isSilent)) {
          if (event.kind === "failed" && isFinal(event.error)) end.isFatal = true;
          yield event;
        }
      }
      // Together, so that a lost node costs one submission.
      if (!goesOn()) break;
      await board.submit(again.splice(0));
      await delay(pollMs, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await board.close();
  }
}

function isText(text: string | null | undefined): text is string {
  return text != null;
}

/** Whether an error ends the stage: the other jobs would work in vain. */
function isFinal(error: Error): boolean {
  return error instanceof FlowError && error.code !== "ANSWERS_PENDING";
}

function failedTask(
  index: number,
  { code, message }: { readonly code: string | null; readonly message: string },
  host = "another machine",
): Error {
  return code === null || mayPass(code)
    ? new Error(`task ${index} on ${host}: ${message}`)
    : new FlowError(code as FlowErrorCode, message);
}

function lostJob(
  { submission, state }: Pick<WatchedJob, "submission" | "state">,
  { isSilent, words }: { readonly isSilent: boolean; readonly words: string | null },
): Error {
  const place = state === null ? "" : ` on ${state.host}`;
  const what = isSilent
    ? "has told nothing for too long"
    : state === null
      ? "ended before it began to work"
      : "ended without a result";
  const said = words === null ? "" : `; its last words:\n${words}`;
  return new Error(`job ${submission.id}${place} ${what}${said}`);
}
