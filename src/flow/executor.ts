import type { StageDef } from "./stage.ts";
import type { TaskProgress, TaskSpec } from "./task.ts";

/** What happened to a task. `finished` means committed, by this attempt or by another. */
export type TaskEvent =
  | { readonly kind: "started"; readonly task: TaskSpec }
  | { readonly kind: "progress"; readonly task: TaskSpec; readonly progress: TaskProgress }
  | { readonly kind: "finished"; readonly task: TaskSpec }
  | { readonly kind: "failed"; readonly task: TaskSpec; readonly error: Error };

/** Runs tasks somewhere. It promises nothing about success: the driver trusts manifests alone. */
export interface Executor {
  /** Pulls tasks only as fast as they can be run. Ends when all are settled, or soon after `signal` aborts. */
  readonly run: (
    stage: StageDef,
    tasks: Iterable<TaskSpec>,
    options: { readonly signal: AbortSignal },
  ) => AsyncIterable<TaskEvent>;
  /** Ends what it has started; a later `run` starts anew. */
  readonly close: () => Promise<void>;
}
