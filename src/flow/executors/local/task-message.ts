import type { MessagePort } from "node:worker_threads";
import { FlowError, asExpected, reasonOf, type FlowErrorCode } from "../../../base/errors.ts";
import type { MemoryShare } from "../../../base/memory-budget.ts";
import type { SharedPlace } from "../../store/shared-budget.ts";
import type { TaskProgress, TaskSpec } from "../../task.ts";

/** What the local executor sends to a worker thread. */
export interface TaskMessage {
  readonly task: TaskSpec;
  readonly runDir: string;
  readonly cacheDir: string;
  readonly scratchDir: string;
  readonly threads: number;
  readonly share?: number;
  /** As {@link ExecutorSite.sharedPlace}. */
  readonly sharedPlace?: SharedPlace;
  readonly memoryMb: number;
  readonly memory: MemoryShare;
  /** Carries {@link TaskProgress} out and "abort" in. */
  readonly port: MessagePort;
}

/** Sent before a worker's first task: the module to import for it. */
export interface LoadMessage {
  readonly load: string;
}

/** Sent after a stage's last task: closes what they have shared. */
export interface CloseMessage {
  readonly close: true;
}

/** All that a worker is sent. */
export type WorkerMessage = TaskMessage | LoadMessage | CloseMessage;

/** Result of a task. Errors lose their class between threads, so they travel as data. */
export type TaskAnswer =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly code: FlowErrorCode | null;
      readonly message: string;
      readonly stack: string;
    };

export type PortMessage = TaskProgress | "abort";

export function failureAnswer(thrown: unknown): TaskAnswer {
  const error = asExpected(thrown);
  return {
    ok: false,
    code: error instanceof FlowError ? error.code : null,
    message: reasonOf(error),
    stack: error instanceof Error ? (error.stack ?? "") : "",
  };
}

/** Rebuilds the error of a failed answer. */
export function answerError(answer: Extract<TaskAnswer, { ok: false }>): Error {
  if (answer.code !== null) return new FlowError(answer.code, answer.message);
  const error = new Error(answer.message);
  error.stack = answer.stack;
  return error;
}
