import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { FlowError, type FlowErrorCode } from "../../../base/errors.ts";
import type { ExecutedStage, Executor, TaskEvent } from "../../executor.ts";
import { fileCommitStore } from "../../manifest.ts";
import { writePlannedStage } from "../../planned-stage.ts";
import type { TaskSpec } from "../../task.ts";
import { formatIndices, parseIndices } from "./index-ranges.ts";
import type { Job, JobEngine, JobResources } from "./job-engine.ts";
import { mayPass } from "./passing-errors.ts";
import { lastWords, readJobState, type JobState } from "./job-state.ts";
import { forgetJobs, readSubmissions, writeSubmissions, type Submission } from "./submissions.ts";

export interface JobExecutorOptions {
  readonly runDir: string;
  readonly engine: JobEngine;
  /** Tasks per job. */
  readonly tasksPerJob: number;
  readonly resourcesOf: (stage: ExecutedStage) => JobResources;
  /** How often manifests and the jobs' states are looked at, ms. Default 1,000. */
  readonly pollMs?: number;
  /** A job that has told nothing for so long is lost, whatever its engine says, ms. Default 60,000. */
  readonly lostMs?: number;
  /** Default: the system's, ms. */
  readonly now?: () => number;
}

/** A submitted job and what has been seen of it. */
interface Watched {
  readonly submission: Submission;
  readonly indices: readonly number[];
  state: JobState | null;
  /** When its state last changed. */
  changedAt: number;
}

/**
 * Runs the tasks of a stage as jobs of an engine, which share nothing with this process but the run folder.
 *
 * It submits what no manifest names and no job is at work on, watches manifests and signs of life, and reports a task as failed when its
 * job says so, has ended without it, or has been silent for too long; {@link runStages} then hands it out again. A driver that was killed
 * and is started again, here or elsewhere, finds the jobs of before at work. An abort cancels all jobs.
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
  { runDir, engine, resourcesOf, ...options }: JobExecutorOptions,
): AsyncGenerator<TaskEvent> {
  const { tasksPerJob, pollMs = 1_000, lostMs = 60_000, now = Date.now } = options;
  const store = fileCommitStore(runDir);
  const open = new Map(tasks.map((task) => [task.index, task]));
  const started = new Set<number>();
  await writePlannedStage(runDir, stage, tasks);

  const earlier = await adoptable(runDir, stage.name, open, engine);
  const isTaken = new Set(earlier.flatMap(({ indices }) => indices));
  const free = [...open.keys()].filter((index) => !isTaken.has(index));
  const watch = (submission: Submission): Watched => ({
    submission,
    indices: Object.keys(submission.keys).map(Number),
    state: null,
    changedAt: now(),
  });
  const token = randomBytes(4).toString("hex");
  const jobs = chunks(free, tasksPerJob).map((indices, place) => ({
    id: `${token}-${place}`,
    stage: stage.name,
    indices: formatIndices(indices),
    resources: resourcesOf(stage),
  }));
  const submitted = jobs.length === 0 ? [] : await engine.submit(jobs);
  const keysOf = ({ indices }: Job): Submission["keys"] =>
    Object.fromEntries(parseIndices(indices).map((index) => [index, open.get(index)?.key ?? ""]));
  const added = submitted.map(({ id, handle }, place) => ({
    ...{ id, handle },
    keys: jobs[place] === undefined ? {} : keysOf(jobs[place]),
  }));
  const watched = new Set([...earlier, ...added.map(watch)]);
  const note = (): Promise<void> =>
    writeSubmissions(
      runDir,
      stage.name,
      [...watched].map(({ submission }) => submission),
    );
  await note();

  const settle = async (index: number): Promise<TaskEvent | null> => {
    const task = open.get(index);
    if (task === undefined || (await store.get(stage.name, task.key)) === null) return null;
    open.delete(index);
    return { kind: "finished", task };
  };

  const asked = patientEngine(engine, { patienceMs: 10 * lostMs, now });
  const end = { isFatal: false };
  while (watched.size > 0 && !signal.aborted && !end.isFatal) {
    const alive = await asked([...watched].map(({ submission }) => submission.handle));
    for (const job of watched) {
      const { submission, indices } = job;
      const state = await readJobState(runDir, stage.name, submission.id);
      if (state !== null && state.beat !== job.state?.beat) {
        job.state = state;
        job.changedAt = now();
      }
      for (const index of indices) {
        const task = open.get(index);
        const progress = job.state?.running[index];
        if (task === undefined || progress === undefined) continue;
        if (!started.has(index)) yield { kind: "started", task };
        started.add(index);
        yield { kind: "progress", task, progress };
      }
      for (const index of parseDone(job.state)) {
        const event = await settle(index);
        if (event !== null) yield event;
      }
      const isSilent = job.state !== null && now() - job.changedAt > lostMs;
      const isOver = job.state?.isEnded === true || isSilent || !alive.has(submission.handle);
      if (!isOver) continue;
      if (isSilent || !alive.has(submission.handle)) await engine.cancel([submission.handle]);
      // What it told last may have come after it was read above.
      job.state = (await readJobState(runDir, stage.name, submission.id)) ?? job.state;
      watched.delete(job);
      const words =
        job.state?.isEnded === true ? null : await lastWords(runDir, stage.name, submission.id);
      for (const index of indices) {
        const event = await settle(index);
        if (event !== null) yield event;
        const task = open.get(index);
        if (task === undefined) continue;
        open.delete(index);
        const error = failureOf(job.state, index, { job: submission.id, words, isSilent });
        if (error instanceof FlowError && error.code !== "ANSWERS_PENDING") end.isFatal = true;
        yield { kind: "failed", task, error };
      }
      await note();
    }
    if (watched.size > 0 && !end.isFatal) {
      await delay(pollMs, undefined, { signal }).catch(() => undefined);
    }
  }
  if (watched.size > 0)
    await engine.cancel([...watched].map(({ submission }) => submission.handle));
  await forgetJobs(runDir, stage.name);
}

/** Asks an engine which jobs are alive; while it does not answer, all are, for as long as one may be patient. */
function patientEngine(
  engine: JobEngine,
  { patienceMs, now }: { readonly patienceMs: number; readonly now: () => number },
): JobEngine["alive"] {
  let answeredAt = now();
  return async (handles) => {
    try {
      const alive = await engine.alive(handles);
      answeredAt = now();
      return alive;
    } catch (error) {
      if (now() - answeredAt > patienceMs) throw error;
      return new Set(handles);
    }
  };
}

/** Jobs of an earlier driver that are at work on tasks as they are now. Others that are at work are cancelled. */
async function adoptable(
  runDir: string,
  stage: string,
  open: ReadonlyMap<number, TaskSpec>,
  engine: JobEngine,
): Promise<readonly Watched[]> {
  const found = await readSubmissions(runDir, stage);
  const alive = await engine.alive(found.map(({ handle }) => handle));
  const adopted: Watched[] = [];
  for (const submission of found) {
    const state = await readJobState(runDir, stage, submission.id);
    const isCurrent = Object.entries(submission.keys).some(
      ([index, key]) => open.get(Number(index))?.key === key,
    );
    const isAtWork = alive.has(submission.handle) && state?.isEnded !== true;
    if (isAtWork && isCurrent) {
      const indices = Object.entries(submission.keys).flatMap(([index, key]) =>
        open.get(Number(index))?.key === key ? [Number(index)] : [],
      );
      adopted.push({ submission, indices, state, changedAt: Date.now() });
    } else if (isAtWork) await engine.cancel([submission.handle]);
  }
  return adopted;
}

function parseDone(state: JobState | null): readonly number[] {
  return state === null || state.done === "" ? [] : parseIndices(state.done);
}

/** Why a job has not done a task. */
function failureOf(
  state: JobState | null,
  index: number,
  { job, words, isSilent }: { job: string; words: string | null; isSilent: boolean },
): Error {
  const told = state?.failed[index];
  const place = state === null ? "" : ` on ${state.host}`;
  if (told !== undefined) {
    const { code, message } = told;
    return code === null || mayPass(code)
      ? new Error(`task ${index}${place}: ${message}`)
      : new FlowError(code as FlowErrorCode, message);
  }
  const what = isSilent
    ? "has told nothing for too long"
    : state === null
      ? "ended before it began to work"
      : "ended without a result";
  return new Error(
    `job ${job}${place} ${what}${words === null ? "" : `; its last words:\n${words}`}`,
  );
}

function chunks<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, place) =>
    all.slice(place * size, (place + 1) * size),
  );
}
