/** @file Runs of small stages whose tasks do what a test says. */
import { noRetry, type RetryPolicy } from "../../src/base/retry-policy.ts";
import type { Executor, TaskEvent } from "../../src/flow/executor.ts";
import type { Outcomes } from "../../src/flow/outcomes.ts";
import type { RunEvent } from "../../src/flow/run-event.ts";
import { runStages } from "../../src/flow/run-stages.ts";
import { type StageManifest } from "../../src/flow/stage-manifest.ts";
import { taskPerPart, type Catalog, type StageDef } from "../../src/flow/stage.ts";
import type { TaskSpec } from "../../src/flow/task.ts";
import { scratchFolder } from "../util/scratch-folder.ts";
import { commitTask, numbered, stageOf } from "./stage-of.ts";

export interface Attempt {
  readonly task: TaskSpec;
  /** How often this task has been handed out, this time included. */
  readonly time: number;
  /** Does what a finished task does. */
  readonly commit: (content?: string, outcomes?: Outcomes) => Promise<boolean>;
}

/** What a task does; throws to fail. */
export type Behaviour = (attempt: Attempt) => Promise<unknown>;

interface ScriptedExecutor extends Executor {
  /** Every task handed out, as `stage index`, in order. */
  readonly handedOut: string[];
}

/** Runs tasks one after the other in this thread. */
function scripted(runDir: string, behave: Behaviour): ScriptedExecutor {
  const handedOut: string[] = [];
  async function* run(tasks: Iterable<TaskSpec>, signal: AbortSignal): AsyncGenerator<TaskEvent> {
    for (const task of tasks) {
      if (signal.aborted) return;
      const name = `${task.stage} ${String(task.index)}`;
      handedOut.push(name);
      yield { kind: "started", task };
      try {
        const time = handedOut.filter((other) => other === name).length;
        await behave({
          task,
          time,
          commit: (content, outcomes) => commitTask(runDir, task, content, outcomes),
        });
        yield { kind: "finished", task };
      } catch (error) {
        yield { kind: "failed", task, error: error as Error };
      }
    }
  }
  return {
    handedOut,
    run: (_stage, tasks, { signal }) => run(tasks, signal),
    close: () => Promise.resolve(),
  };
}

export interface Trial {
  readonly runDir: string;
  readonly executor: ScriptedExecutor;
  readonly events: RunEvent[];
  readonly abort: AbortController;
  readonly run: (
    stages: readonly StageDef[],
    given?: readonly StageManifest[],
    options?: { readonly isRepair?: boolean; readonly retry?: RetryPolicy },
  ) => Promise<Catalog>;
}

export async function trial(
  behave: Behaviour = ({ commit }) => commit(),
  runDir?: string,
): Promise<Trial> {
  const folder = runDir ?? (await scratchFolder());
  const executor = scripted(folder, behave);
  const events: RunEvent[] = [];
  const abort = new AbortController();
  const run: Trial["run"] = (stages, given = [], { retry = noRetry, ...options } = {}) =>
    runStages({
      ...options,
      runDir: folder,
      stages: stages.map((stage) => ({ ...stage, retry })),
      given,
      executor,
      signal: abort.signal,
      onEvent: (event) => events.push(event),
    });
  return { runDir: folder, executor, events, abort, run };
}

export const words = stageOf({ name: "words", plan: numbered(3) });
export const counts = stageOf({
  name: "counts",
  inputs: ["words"],
  plan: (inputs) => taskPerPart("words", inputs),
});
export const report = stageOf({ name: "report", inputs: ["counts"] });
