import { Piscina } from "piscina";
import { forbidTelemetry } from "../../../base/no-telemetry.ts";
import { specifierOf } from "../../task-module.ts";
import type { TaskAnswer, TaskMessage, WorkerMessage } from "./task-message.ts";

/** Threads that run tasks. */
export interface WorkerPool {
  readonly run: (message: TaskMessage) => Promise<TaskAnswer>;
  /**
   * Closes what the tasks of a stage have shared, once all of them are done: a language model would keep its memory until the run ends, and
   * crash the process if its thread ended while it was at work.
   */
  readonly release: () => Promise<void>;
  /** Ends the threads and the tasks they are running. */
  readonly end: () => Promise<void>;
}

/** A number of worker threads and of concurrent tasks per worker. */
export interface Slots {
  readonly workers: number;
  readonly tasksEach: number;
}

/** One worker with one task at a time. */
export const oneByOne: Slots = { workers: 1, tasksEach: 1 };

/** A pool whose threads start with their first tasks. */
export function makeWorkerPool(slots: Slots): WorkerPool {
  return poolOn(openPool(slots), slots, Promise.resolve());
}

/** A pool of one worker that starts now and loads `module`, so that its first task need not wait for either. */
export function startWorker(module: string): WorkerPool {
  const pool = openPool(oneByOne);
  const loaded = pool.run({ load: specifierOf(module) }).catch(() => undefined);
  return poolOn(pool, oneByOne, loaded);
}

/** @param loaded - Ending a thread while it loads a native module crashes the process */
function poolOn(
  pool: Piscina<WorkerMessage, TaskAnswer>,
  { workers }: Slots,
  loaded: Promise<unknown>,
): WorkerPool {
  return {
    run: (message) => pool.run(message, { transferList: [message.port] }),
    release: async () => {
      // With several workers nobody can say which of them gets a message; their tasks share nothing that is large.
      if (workers > 1 || pool.threads.length === 0) return;
      await pool.run({ close: true }).catch(() => undefined); // a worker that has died holds nothing
    },
    end: async () => {
      await loaded;
      await pool.destroy();
    },
  };
}

function openPool({ workers, tasksEach }: Slots): Piscina<WorkerMessage, TaskAnswer> {
  forbidTelemetry(); // the threads inherit the environment
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const pool = new Piscina<WorkerMessage, TaskAnswer>({
    filename: new URL(`./task.worker${extension}`, import.meta.url).href,
    execArgv: extension === ".ts" ? ["--import", typescriptLoader()] : [],
    minThreads: 0,
    maxThreads: workers,
    concurrentTasksPerWorker: tasksEach,
    // Garbage of a call or batch dies before it is copied: 5 to 8 % more model calls per second than with the default, 16.
    resourceLimits: { maxYoungGenerationSizeMb: 96 },
    idleTimeout: Number.POSITIVE_INFINITY,
    atomics: "disabled",
  });
  // A dying worker rejects its task's promise, where it is handled; without a listener the event would end the process.
  pool.on("error", () => undefined);
  return pool;
}

/** Lets a worker run from source. `--import tsx` is not enough: on Node 20 it does not cover `import()` in workers. */
function typescriptLoader(): string {
  const api = import.meta.resolve("tsx/esm/api");
  return `data:text/javascript,import{register}from${JSON.stringify(api)};register()`;
}
