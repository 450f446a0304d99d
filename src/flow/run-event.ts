import type { TaskEvent } from "./executor.ts";
import type { ErrorCounts } from "./outcomes.ts";
import type { FileRef } from "./task.ts";

/** Progress of a run, as reported to `onEvent`. */
export type RunEvent =
  | {
      readonly kind: "stage-started";
      readonly stage: string;
      readonly tasks: number;
      /** Tasks already committed by an earlier run. */
      readonly reused: number;
      readonly rowsReused: number;
      /** Rows with errors, by kind, in tasks that are done again for their sake. */
      readonly retried: ErrorCounts;
    }
  | {
      readonly kind: "task";
      readonly stage: string;
      readonly event: TaskEvent;
      /** From 1. */
      readonly attempt: number;
    }
  | {
      /** Between two attempts at a stage: its tasks wait for work done elsewhere. */
      readonly kind: "waiting";
      /** The state of that work, such as "batch batch_123: 10 of 300 answered". */
      readonly text: string;
    }
  | {
      /** Something about the run's folder that its user should know. */
      readonly kind: "note";
      readonly text: string;
    }
  | {
      readonly kind: "stage-finished";
      readonly stage: string;
      readonly tasks: number;
      readonly reused: number;
      readonly seconds: number;
      readonly files: readonly FileRef[];
    };
