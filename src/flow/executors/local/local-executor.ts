import { join } from "node:path";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { setTimeout as delay } from "node:timers/promises";
import type { Executor, TaskEvent } from "../../executor.ts";
import { eventQueue } from "./event-queue.ts";
import type { StageDef } from "../../stage.ts";
import type { TaskProgress, TaskSpec } from "../../task.ts";
import { answerError, type PortMessage, type TaskMessage } from "./task-message.ts";
import { makeWorkerPool, oneByOne, type Slots, type WorkerPool } from "./worker-pool.ts";

export interface LocalExecutorOptions {
  readonly runDir: string;
  readonly cacheDir: string;
  /** Where tasks spill what exceeds their memory. Absolute. Default: `tmp` in the run folder. */
  readonly scratchDir?: string;
  /** Cores to use. */
  readonly threads: number;
  /** Memory for all tasks together, MiB. */
  readonly memoryMb: number;
  /** How long running tasks may take to stop after an abort before their threads are ended, ms. Default 10,000. */
  readonly graceMs?: number;
  /** A pool of one worker with one task at a time, already started: see {@link startWorker}. */
  readonly started?: WorkerPool;
}

/**
 * Runs tasks in piscina worker threads on this machine.
 *
 * A stage of single-threaded tasks gets as many workers as there are cores, a stage that uses all cores gets one, a stage that waits
 * gets one for several tasks at a time. No more tasks are in flight than that, so the plan is pulled no faster than it is worked off.
 * `kill -9` loses the tasks in flight, nothing else.
 */
export function localExecutor(options: LocalExecutorOptions): Executor {
  const { runDir, cacheDir, threads, memoryMb, graceMs = 10_000, started } = options;
  const { scratchDir = join(runDir, "tmp") } = options;
  const nameOf = ({ workers, tasksEach }: Slots): string => `${workers} x ${tasksEach}`;
  const pools = new Map<string, WorkerPool>(started && [[nameOf(oneByOne), started]]);

  const poolOf = (slots: Slots): WorkerPool => {
    const name = nameOf(slots);
    const pool = pools.get(name) ?? makeWorkerPool(slots);
    pools.set(name, pool);
    return pool;
  };

  async function runOne(
    task: TaskSpec,
    stage: StageDef,
    signal: AbortSignal,
    emit: (event: TaskEvent) => void,
  ): Promise<void> {
    const slots = slotsOf(stage, threads);
    const tasksAtOnce = slots.workers * slots.tasksEach;
    const { port1, port2 } = new MessageChannel();
    const sendAbort = (): void => {
      port1.postMessage("abort" satisfies PortMessage);
    };
    const pass = (progress: TaskProgress): void => {
      emit({ kind: "progress", task, progress });
    };
    port1.on("message", pass);
    signal.addEventListener("abort", sendAbort, { once: true });
    emit({ kind: "started", task });
    try {
      const message: TaskMessage = {
        task,
        runDir,
        cacheDir,
        scratchDir,
        threads: Math.max(1, Math.floor(threads / tasksAtOnce)),
        memoryMb: Math.floor(memoryMb / tasksAtOnce),
        port: port2,
      };
      const answer = await poolOf(slots).run(message);
      // The answer comes by another port, and may come before reports that were sent before it.
      for (let late = receiveMessageOnPort(port1); late; late = receiveMessageOnPort(port1)) {
        pass((late as { readonly message: TaskProgress }).message);
      }
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
      const { workers, tasksEach } = slotsOf(stage, threads);
      const work = Promise.all(Array.from({ length: workers * tasksEach }, worker));
      const settled = new AbortController();
      const graceOver = aborted(signal, settled.signal).then(() =>
        delay(graceMs, undefined, { ref: false }),
      );
      void Promise.race([work, graceOver])
        .then(queue.end, queue.fail)
        .finally(() => {
          settled.abort();
        });
      return queue.events;
    },
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.end()));
      pools.clear();
    },
  };
}

/** Enough to keep a window of requests full while one task is at its last few. */
const waitingTasks = 4;

function slotsOf(stage: StageDef, threads: number): Slots {
  switch (stage.threads) {
    case "all":
      return oneByOne;
    case "waiting":
      return { workers: 1, tasksEach: waitingTasks };
    default:
      return { workers: Math.max(1, Math.floor(threads / stage.threads)), tasksEach: 1 };
  }
}

/** Resolves when `signal` aborts. Stops listening when `until` does: a run's signal outlives many stages. */
function aborted(signal: AbortSignal, until: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener(
      "abort",
      () => {
        resolve();
      },
      { once: true, signal: until },
    );
  });
}
