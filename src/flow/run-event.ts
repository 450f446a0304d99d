import type { TaskEvent } from "./executor.ts";
import type { FileRef } from "./task.ts";

/** What a run tells whoever watches it. */
export type RunEvent =
  | {
      readonly kind: "stage-started";
      readonly stage: string;
      readonly tasks: number;
      /** Tasks whose results are already there. */
      readonly reused: number;
      readonly rowsReused: number;
    }
  | {
      readonly kind: "task";
      readonly stage: string;
      readonly event: TaskEvent;
      /** From 1. */
      readonly attempt: number;
    }
  | {
      /** Between two goes at a stage: work elsewhere that its tasks wait for. */
      readonly kind: "waiting";
      /** How it stands, as in "batch batch_123: 10 of 300 answered". */
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
