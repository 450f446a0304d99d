import type { StageDef } from "./stage.ts";
import type { SharedPlace } from "./store/shared-budget.ts";
import type { TaskProgress, TaskSpec } from "./task.ts";

/** What happened to a task. `finished` means committed, by this attempt or another one. */
export type TaskEvent =
  | { readonly kind: "started"; readonly task: TaskSpec }
  | { readonly kind: "progress"; readonly task: TaskSpec; readonly progress: TaskProgress }
  | { readonly kind: "finished"; readonly task: TaskSpec }
  | { readonly kind: "failed"; readonly task: TaskSpec; readonly error: Error };

/** The folders and limits of the run that an executor works for. */
export interface ExecutorSite {
  readonly runDir: string;
  readonly cacheDir: string;
  /** Where tasks spill what exceeds their memory. Absolute. Default: `tmp` in the run folder. */
  readonly scratchDir?: string;
  /** Cores to use. */
  readonly threads: number;
  /** Memory for all tasks together, MiB. */
  readonly memoryMb: number;
  /** As in a task's context: the part of the run's limits on others' servers that is for these tasks. */
  readonly share?: number;
  /** Where the run is, if other processes work at the same stage. */
  readonly sharedPlace?: SharedPlace;
}

/** What an executor needs to know of a stage. */
export type ExecutedStage = Pick<StageDef, "name" | "threads">;

/** Runs tasks somewhere. It promises nothing about success: the driver trusts only manifests. */
export interface Executor {
  /** Pulls tasks only as fast as it can run them. Ends when all have settled, or soon after `signal` aborts. */
  readonly run: (
    stage: ExecutedStage,
    tasks: Iterable<TaskSpec>,
    options: {
      readonly signal: AbortSignal;
      /** How many tasks there are at most; so many share the machine. Default: as many as can run at a time. */
      readonly count?: number;
    },
  ) => AsyncIterable<TaskEvent>;
  /** Ends its workers; a later `run` starts new ones. */
  readonly close: () => Promise<void>;
}
