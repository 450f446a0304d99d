import { Piscina } from "piscina";
import { specifierOf } from "../../task-module.ts";
import type { LoadMessage, TaskAnswer, TaskMessage } from "./task-message.ts";

/** Threads that run tasks. */
export interface WorkerPool {
  readonly run: (message: TaskMessage) => Promise<TaskAnswer>;
  /** Ends the threads, and with them what they are at. */
  readonly end: () => Promise<void>;
}

/** Worker threads, and how many tasks each has in hand at a time. */
export interface Slots {
  readonly workers: number;
  readonly tasksEach: number;
}

/** One worker, one task at a time. */
export const oneByOne: Slots = { workers: 1, tasksEach: 1 };

/** Worker threads, which start with their first tasks. */
export function makeWorkerPool(slots: Slots): WorkerPool {
  const pool = openPool(slots);
  return {
    run: (message) => pool.run(message, { transferList: [message.port] }),
    end: () => pool.destroy(),
  };
}

/** A pool of one worker that starts now and loads `module`, so that its first task need not wait for either. */
export function startWorker(module: string): WorkerPool {
  const pool = openPool(oneByOne);
  const loaded = pool.run({ load: specifierOf(module) }).catch(() => undefined);
  return {
    run: (message) => pool.run(message, { transferList: [message.port] }),
    end: async () => {
      await loaded; // a thread that is ended while it loads a native module takes the process with it
      await pool.destroy();
    },
  };
}

function openPool({ workers, tasksEach }: Slots): Piscina<TaskMessage | LoadMessage, TaskAnswer> {
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const pool = new Piscina<TaskMessage | LoadMessage, TaskAnswer>({
    filename: new URL(`./task.worker${extension}`, import.meta.url).href,
    execArgv: extension === ".ts" ? ["--import", typescriptLoader()] : [],
    minThreads: 0,
    maxThreads: workers,
    concurrentTasksPerWorker: tasksEach,
    // What a call or a batch leaves behind dies before it is copied: 5 to 8 % more model calls a second than with the default, 16.
    resourceLimits: { maxYoungGenerationSizeMb: 96 },
    idleTimeout: Number.POSITIVE_INFINITY,
    atomics: "disabled",
  });
  // A worker that dies rejects its task's promise, which is where it is handled; without a listener it would end the process.
  pool.on("error", () => undefined);
  return pool;
}

/** Lets a worker run from source. `--import tsx` alone would not do: on Node 20 it leaves `import()` in workers to Node. */
function typescriptLoader(): string {
  const api = import.meta.resolve("tsx/esm/api");
  return `data:text/javascript,import{register}from${JSON.stringify(api)};register()`;
}
