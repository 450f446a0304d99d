/** @file Entry of the local executor's worker threads. */
import type { TaskContext } from "../../task.ts";
import { runTask } from "../../run-task.ts";
import { sharedBudget } from "../../store/shared-budget.ts";
import {
  failureAnswer,
  type PortMessage,
  type TaskAnswer,
  type WorkerMessage,
} from "./task-message.ts";

interface Closable {
  close(): Promise<void>;
}

/** What the tasks of one stage share in this thread. */
const held = {
  stage: "",
  things: new Map<string, Promise<Closable>>(),
  /** Resolves once those of earlier stages are closed. */
  isClear: Promise.resolve(),
};

export default async function work(message: WorkerMessage): Promise<TaskAnswer> {
  if ("load" in message) {
    await import(message.load).catch(() => undefined); // the task will report the error
    return { ok: true };
  }
  if ("close" in message) {
    await closeHeld("");
    return { ok: true };
  }
  const { task, port, sharedPlace: place, ...site } = message;
  const { stage } = task;
  const abort = new AbortController();
  port.on("message", (word: PortMessage) => {
    if (word === "abort") abort.abort(new DOMException("interrupted", "AbortError"));
  });
  try {
    if (held.stage !== task.stage) held.isClear = closeHeld(task.stage);
    await held.isClear; // what several tasks of a stage begin with may be what the earlier stage still writes
    await runTask(task, {
      ...site,
      ...(place && { budget: sharedBudget({ ...place, stage, share: site.share ?? 1 }) }),
      signal: abort.signal,
      progress: (progress) => {
        port.postMessage(progress);
      },
      shared,
    });
    return { ok: true };
  } catch (error) {
    return failureAnswer(error);
  } finally {
    port.close();
  }
}

const shared: TaskContext["shared"] = async <T extends Closable>(
  key: string,
  create: () => Promise<T>,
): Promise<T> => {
  let thing = held.things.get(key);
  if (thing === undefined) {
    thing = create();
    held.things.set(key, thing);
    thing.catch(() => held.things.delete(key));
  }
  return (await thing) as T; // created under this key by the same stage's code
};

async function closeHeld(nextStage: string): Promise<void> {
  const earlier = [...held.things.values()];
  held.things.clear();
  held.stage = nextStage;
  const things = await Promise.allSettled(earlier);
  for (const thing of things) if (thing.status === "fulfilled") await thing.value.close();
}
