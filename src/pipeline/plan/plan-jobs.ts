import { jobSettings, runsAsJobs, type ExecutorSetting } from "../executor/executor-settings.ts";
import type { StageName } from "../pipeline-stage.ts";

/** What a run would submit of a stage. */
export interface PlannedJobs {
  readonly stage: string;
  /** Null while the stage cannot be cut into tasks yet. */
  readonly jobs: number | null;
  /** How many of them run at a time, at most; null where that depends on how many there are. */
  readonly atOnce: number | null;
}

/** What `runtime.executor` would submit. */
export interface JobsPlan {
  readonly executor: "array" | "slurm" | "ray";
  /** Those that are not done. */
  readonly stages: readonly PlannedJobs[];
}

/** A stage, its group, and how many of its tasks are left; null while that is unknown. */
interface LeftTasks {
  readonly stage: string;
  readonly group: StageName;
  readonly left: number | null;
}

/** @returns Null where this process runs all that is left */
export function planJobs(executor: ExecutorSetting, stages: readonly LeftTasks[]): JobsPlan | null {
  const found = jobSettings(executor);
  if (found === null) return null;
  const { name, settings } = found;
  const planned = stages
    .filter(({ stage, group, left }) => left !== 0 && runsAsJobs(settings.stages, stage, group))
    .map(({ stage, left }) => {
      const jobs = left === null ? null : Math.ceil(left / settings.tasksPerJob);
      const atOnce = Math.min(jobs ?? Infinity, settings.atOnce ?? Infinity);
      return { stage, jobs, atOnce: Number.isFinite(atOnce) ? atOnce : null };
    });
  return planned.length === 0 ? null : { executor: name, stages: planned };
}
