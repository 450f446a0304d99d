import { join } from "node:path";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { setTimeout as delay } from "node:timers/promises";
import { mostWorkers } from "../../../base/open-files.ts";
import { freeMemory } from "../../../base/free-memory.ts";
import type { MemoryShare } from "../../../base/memory-budget.ts";
import type { ExecutedStage, Executor, ExecutorSite, TaskEvent } from "../../executor.ts";
import { eventQueue } from "../event-queue.ts";
import type { TaskProgress, TaskSpec } from "../../task.ts";
import { answerError, type PortMessage, type TaskMessage } from "./task-message.ts";
import {
  makeWorkerPool,
  oneByOne,
  startWorker,
  type Slots,
  type WorkerPool,
} from "./worker-pool.ts";

export interface LocalExecutorOptions extends ExecutorSite {
  /** How long tasks may take to stop after an abort before their threads are ended, ms. Default 10,000. */
  readonly graceMs?: number;
  /** Memory that is free now, bytes. Default: the machine's, or the container's. */
  readonly freeBytes?: () => number;
}

/** A worker that starts before its run is known. */
export interface WarmExecutor {
  /** A local executor. The first one made takes over the worker. */
  readonly create: (options: LocalExecutorOptions) => Executor;
  /** Ends the worker, also when no executor was made. */
  readonly close: () => Promise<void>;
}

/**
 * Runs tasks in piscina worker threads on this machine.
 *
 * A stage of single-threaded tasks gets one worker per core, a stage that uses all cores gets one worker, a stage that mostly waits
 * gets one worker for several tasks at a time. No more tasks than that are in flight, and the plan is pulled no faster.
 * `kill -9` loses the tasks in flight, nothing else.
 */
export function localExecutor(options: LocalExecutorOptions): Executor {
  return executorOn(new Map(), options);
}

/**
 * Starts a worker now and lets it load the module of the task that will run first, while the pipeline file is still being read:
 * the first task then starts a fifth of a second sooner.
 *
 * @param module - As in `TaskSpec.module`
 */
export function warmLocalExecutor(module: string): WarmExecutor {
  const worker = startWorker(module);
  let isTaken = false;
  return {
    create: (options) => {
      const pools = new Map<string, WorkerPool>(isTaken ? [] : [[nameOf(oneByOne), worker]]);
      isTaken = true;
      return executorOn(pools, options);
    },
    close: worker.end,
  };
}

/** @param pools - Workers already started, by {@link nameOf} their slots; the executor adds to them and ends them */
function executorOn(
  pools: Map<string, WorkerPool>,
  { runDir, cacheDir, scratchDir = join(runDir, "tmp"), ...options }: LocalExecutorOptions,
): Executor {
  const { threads, memoryMb, graceMs = 10_000 } = options;
  const { freeBytes = () => freeMemory().freeBytes } = options;

  const poolOf = (slots: Slots): WorkerPool => {
    const name = nameOf(slots);
    const pool = pools.get(name) ?? makeWorkerPool(slots);
    pools.set(name, pool);
    return pool;
  };

  async function runOne(
    task: TaskSpec,
    stage: ExecutedStage,
    memory: MemoryShare,
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
        memory,
        ...(options.share !== undefined && { share: options.share }),
        ...(options.sharedPlace !== undefined && { sharedPlace: options.sharedPlace }),
        port: port2,
      };
      const answer = await poolOf(slots).run(message);
      // The answer arrives on another port, possibly before progress reports sent ahead of it.
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
    run: (stage, tasks, { signal, count = Infinity }) => {
      const queue = eventQueue<TaskEvent>();
      const pending = tasks[Symbol.iterator]();
      const worker = async (): Promise<void> => {
        while (!signal.aborted) {
          const next = pending.next();
          if (next.done === true) return;
          await runOne(next.value, stage, memory, signal, queue.push);
        }
      };
      const slots = slotsOf(stage, threads);
      const shares = sharesAtOnce(stage, threads, count);
      const memory = { bytes: freeBytes() / shares, shares };
      const atOnce = slots.workers * slots.tasksEach;
      const work = Promise.all(Array.from({ length: atOnce }, worker)).then(() =>
        pools.get(nameOf(slots))?.release(),
      );
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

/** Enough to keep the request window full while one task finishes its last few requests. */
const waitingTasks = 4;

function nameOf({ workers, tasksEach }: Slots): string {
  return `${workers} x ${tasksEach}`;
}

/** How many shares the free memory is divided into: as many as tasks of the stage run at a time. */
export function sharesAtOnce(
  stage: Pick<ExecutedStage, "threads">,
  threads: number,
  tasks: number,
): number {
  const { workers, tasksEach } = slotsOf(stage, threads);
  return Math.max(1, Math.min(workers * tasksEach, tasks));
}

function slotsOf(stage: Pick<ExecutedStage, "threads">, threads: number): Slots {
  switch (stage.threads) {
    case "all":
      return oneByOne;
    case "waiting":
      return { workers: 1, tasksEach: waitingTasks };
    default:
      return {
        workers: Math.max(1, Math.min(mostWorkers(), Math.floor(threads / stage.threads))),
        tasksEach: 1,
      };
  }
}

/** Resolves when `signal` aborts. Stops listening when `until` aborts, because a run's signal outlives its stages. */
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
