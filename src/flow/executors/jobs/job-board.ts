import { randomBytes } from "node:crypto";
import type { ExecutedStage } from "../../executor.ts";
import type { TaskSpec } from "../../task.ts";
import { formatIndices } from "./index-ranges.ts";
import type { JobEngine, JobResources } from "./job-engine.ts";
import { readJobState, type JobState } from "./job-state.ts";
import { forgetJobs, readSubmissions, writeSubmissions, type Submission } from "./submissions.ts";

/** A submitted job and what has been seen of it. */
export interface WatchedJob {
  readonly submission: Submission;
  /** Of its tasks. */
  readonly indices: readonly number[];
  /** What it told last; null before it has begun. */
  readonly state: JobState | null;
  /** Whether its engine says that it is queued or at work. */
  readonly isAlive: boolean;
  /** For how long it has told nothing new, ms. */
  readonly silentMs: number;
}

/** The jobs of a stage that are queued or at work, noted in the run folder. */
export interface JobBoard {
  /** Submits tasks, some to a job. */
  readonly submit: (indices: readonly number[]) => Promise<void>;
  /** All jobs as they are now. */
  readonly look: () => Promise<readonly WatchedJob[]>;
  /** Takes a job that is over off the board. */
  readonly remove: (job: WatchedJob) => Promise<void>;
  readonly cancel: (jobs: readonly WatchedJob[]) => Promise<void>;
  /** Cancels what is left, and forgets all jobs of the stage. */
  readonly close: () => Promise<void>;
}

export interface JobBoardOptions {
  readonly runDir: string;
  readonly stage: ExecutedStage;
  /** The tasks to be done, by index. */
  readonly open: ReadonlyMap<number, TaskSpec>;
  readonly engine: JobEngine;
  readonly tasksPerJob: number;
  readonly resources: JobResources;
  /** How long an engine may be out of reach, ms; until then its jobs count as alive. */
  readonly patienceMs: number;
  readonly now: () => number;
}

/**
 * Opens the board of a stage with the jobs of an earlier driver that are at work on tasks as they are now; others of its jobs that are
 * alive are cancelled.
 */
export async function openJobBoard(options: JobBoardOptions): Promise<JobBoard> {
  const { runDir, stage, open, engine, tasksPerJob, resources, now } = options;
  const token = randomBytes(4).toString("hex");
  const aliveOf = patiently(engine, options);
  const jobs = new Map<string, Submission>();
  const seen = new Map<string, { readonly beat: number; readonly at: number }>();
  let count = 0;

  const note = (): Promise<void> => writeSubmissions(runDir, stage.name, [...jobs.values()]);
  const isCurrent = (keys: Submission["keys"]): boolean =>
    Object.entries(keys).some(([index, key]) => open.get(Number(index))?.key === key);

  const found = await readSubmissions(runDir, stage.name);
  const alive = await aliveOf(found.map(({ handle }) => handle));
  for (const submission of found.filter(({ handle }) => alive.has(handle))) {
    if (isCurrent(submission.keys)) jobs.set(submission.id, submission);
    else await engine.cancel([submission.handle]);
  }

  return {
    submit: async (indices) => {
      const keysById = new Map<string, Submission["keys"]>();
      const wanted = chunks(indices, tasksPerJob).map((some) => {
        const id = `${token}-${count++}`;
        keysById.set(
          id,
          Object.fromEntries(some.map((index) => [index, open.get(index)?.key ?? ""])),
        );
        return { id, stage: stage.name, indices: formatIndices(some), resources };
      });
      if (wanted.length === 0) return;
      for (const { id, handle } of await engine.submit(wanted)) {
        jobs.set(id, { id, handle, keys: keysById.get(id) ?? {} });
      }
      await note();
    },
    look: async () => {
      const handles = await aliveOf([...jobs.values()].map(({ handle }) => handle));
      const looked: WatchedJob[] = [];
      for (const submission of jobs.values()) {
        const { id, handle, keys } = submission;
        const state = await readJobState(runDir, stage.name, id);
        const last = seen.get(id);
        const beat = state?.beat ?? -1;
        if (last?.beat !== beat) seen.set(id, { beat, at: now() });
        looked.push({
          ...{ submission, state, isAlive: handles.has(handle) },
          indices: Object.keys(keys).map(Number),
          silentMs: now() - (seen.get(id)?.at ?? now()),
        });
      }
      return looked;
    },
    remove: async ({ submission }) => {
      jobs.delete(submission.id);
      await note();
    },
    cancel: (some) => engine.cancel(some.map(({ submission }) => submission.handle)),
    close: async () => {
      const left = [...jobs.values()].map(({ handle }) => handle);
      if (left.length > 0) await engine.cancel(left);
      await forgetJobs(runDir, stage.name);
    },
  };
}

/** Asks an engine which jobs are alive; while it does not answer, all are, for as long as one may be patient. */
function patiently(
  engine: Pick<JobEngine, "alive">,
  { patienceMs, now }: Pick<JobBoardOptions, "patienceMs" | "now">,
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

function chunks<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, place) =>
    all.slice(place * size, (place + 1) * size),
  );
}
