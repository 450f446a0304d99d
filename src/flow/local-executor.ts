import { MessageChannel } from "node:worker_threads";
import { setTimeout as delay } from "node:timers/promises";
import { Piscina } from "piscina";
import type { Executor, TaskEvent } from "./executor.ts";
import { eventQueue } from "./event-queue.ts";
import type { StageDef } from "./stage.ts";
import type { TaskSpec } from "./task.ts";
import {
  answerError,
  type PortMessage,
  type TaskAnswer,
  type TaskMessage,
} from "./task-message.ts";

export interface LocalExecutorOptions {
  readonly runDir: string;
  readonly cacheDir: string;
  /** Cores to use. */
  readonly threads: number;
  /** Memory for all tasks together, MiB. */
  readonly memoryMb: number;
  /** How long running tasks may take to stop after an abort before their threads are ended, ms. Default 10,000. */
  readonly graceMs?: number;
}

/**
 * Runs tasks in piscina worker threads on this machine.
 *
 * A stage of single-threaded tasks gets as many workers as there are cores, a stage that uses all cores gets one. At most one task a
 * worker is in flight, so the plan is pulled no faster than it is worked off. `kill -9` loses the tasks in flight, nothing else.
 */
export function localExecutor(options: LocalExecutorOptions): Executor {
  const { runDir, cacheDir, threads, memoryMb, graceMs = 10_000 } = options;
  const pools = new Map<number, Piscina<TaskMessage, TaskAnswer>>();

  const poolOf = (workers: number): Piscina<TaskMessage, TaskAnswer> => {
    const pool = pools.get(workers) ?? makePool(workers);
    pools.set(workers, pool);
    return pool;
  };

  async function runOne(
    task: TaskSpec,
    stage: StageDef,
    signal: AbortSignal,
    emit: (event: TaskEvent) => void,
  ): Promise<void> {
    const workers = workersOf(stage, threads);
    const { port1, port2 } = new MessageChannel();
    const sendAbort = (): void => {
      port1.postMessage("abort" satisfies PortMessage);
    };
    port1.on("message", (progress: Exclude<PortMessage, "abort">) => {
      emit({ kind: "progress", task, progress });
    });
    signal.addEventListener("abort", sendAbort, { once: true });
    emit({ kind: "started", task });
    try {
      const message: TaskMessage = {
        task,
        runDir,
        cacheDir,
        threads: Math.max(1, Math.floor(threads / workers)),
        memoryMb: Math.floor(memoryMb / workers),
        port: port2,
      };
      const answer = await poolOf(workers).run(message, { transferList: [port2] });
      emit(
        answer.ok
          ? { kind: "finished", task }
          : { kind: "failed", task, error: answerError(answer) },
      );
    } catch (error) {
      emit({
        kind: "failed",
        task,
        error: error instanceof Error ? error : new Error(String(error)),
      });
    } finally {
      signal.removeEventListener("abort", sendAbort);
      port1.close();
    }
  }

  return {
    run: (stage, tasks, { signal }) => {
      const queue = eventQueue<TaskEvent>();
      const pending = tasks[Symbol.iterator]();
      const worker = async (): Promise<void> => {
        while (!signal.aborted) {
          const next = pending.next();
          if (next.done === true) return;
          await runOne(next.value, stage, signal, queue.push);
        }
      };
      const work = Promise.all(Array.from({ length: workersOf(stage, threads) }, worker));
      const graceOver = aborted(signal).then(() => delay(graceMs, undefined, { ref: false }));
      void Promise.race([work, graceOver]).then(queue.end, queue.fail);
      return queue.events;
    },
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
      pools.clear();
    },
  };
}

function makePool(workers: number): Piscina<TaskMessage, TaskAnswer> {
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const pool = new Piscina<TaskMessage, TaskAnswer>({
    filename: new URL(`./task.worker${extension}`, import.meta.url).href,
    execArgv: extension === ".ts" ? ["--import", typescriptLoader()] : [],
    minThreads: 0,
    maxThreads: workers,
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

function workersOf(stage: StageDef, threads: number): number {
  return stage.threads === "all" ? 1 : Math.max(1, Math.floor(threads / stage.threads));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener(
      "abort",
      () => {
        resolve();
      },
      { once: true },
    );
  });
}
