import { setTimeout as delay } from "node:timers/promises";
import type { Executor } from "../executor.ts";
import type { WorkingCopy } from "./working-copy.ts";

/** How often a store is asked what jobs elsewhere have done, ms. */
const followMs = 2_000;

/**
 * Runs tasks by another executor in a working copy: a task that was committed there is finished once it is committed in the store.
 * Before the first one, whatever the copy has that the store has not is brought there.
 */
export function publishingExecutor(executor: Executor, copy: WorkingCopy): Executor {
  return {
    run: async function* (stage, tasks, options) {
      await copy.push();
      for await (const event of executor.run(stage, tasks, options)) {
        if (event.kind === "finished") await copy.publish(event.task);
        yield event;
      }
    },
    close: () => executor.close(),
  };
}

/**
 * Runs tasks by an executor whose jobs work in copies of their own, elsewhere: while it waits for them, what they have written to the
 * store is taken over, and what it has written for them is brought there.
 *
 * @throws What the copy throws when the store is out of reach
 */
export function followingExecutor(executor: Executor, copy: WorkingCopy): Executor {
  return {
    run: async function* (stage, tasks, options) {
      const stop = new AbortController();
      const signal = AbortSignal.any([options.signal, stop.signal]);
      const ended = new AbortController();
      const follow = async (): Promise<void> => {
        await copy.push();
        await copy.pull(jobPrefixes(stage.name));
      };
      await follow();
      const following = (async () => {
        while (!ended.signal.aborted) {
          await delay(followMs, undefined, { signal: ended.signal }).catch(() => undefined);
          await follow();
        }
      })();
      following.catch((error: unknown) => {
        stop.abort(error);
      });
      try {
        yield* executor.run(stage, tasks, { ...options, signal });
      } finally {
        ended.abort();
        await following;
      }
    },
    close: () => executor.close(),
  };
}

/** Where the jobs of a stage write what its driver reads. */
export function jobPrefixes(stage: string): readonly string[] {
  return [`manifests/${stage}/`, `jobs/${stage}/`];
}
