import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { FlowError } from "../../../../src/base/errors.ts";
import type { TaskEvent } from "../../../../src/flow/executor.ts";
import { parseIndices } from "../../../../src/flow/executors/jobs/index-ranges.ts";
import type { Job, JobEngine } from "../../../../src/flow/executors/jobs/job-engine.ts";
import { jobExecutor } from "../../../../src/flow/executors/jobs/job-executor.ts";
import { jobLog, writeJobState } from "../../../../src/flow/executors/jobs/job-state.ts";
import { runJob } from "../../../../src/flow/executors/jobs/run-job.ts";
import { writeSubmissions } from "../../../../src/flow/executors/jobs/submissions.ts";
import { readPlannedStage } from "../../../../src/flow/planned-stage.ts";
import type { StageDef } from "../../../../src/flow/stage.ts";
import { taskSpecs } from "../../../../src/flow/task-key.ts";
import { scratchFolder } from "../../../util/scratch-folder.ts";
import { commitTask, numbered, stageOf } from "../../stage-of.ts";

interface TestEngine extends JobEngine {
  readonly submitted: Job[];
  readonly cancelled: string[];
  readonly atWork: Set<string>;
}

/** An engine in this process; `work` is what its jobs do. */
function engineOf(work: (job: Job, signal: AbortSignal) => Promise<void>): TestEngine {
  const atWork = new Set<string>();
  const aborts = new Map<string, AbortController>();
  const [submitted, cancelled]: [Job[], string[]] = [[], []];
  return {
    ...{ submitted, cancelled, atWork },
    submit: (jobs) => {
      for (const job of jobs) {
        const abort = new AbortController();
        submitted.push(job);
        atWork.add(job.id);
        aborts.set(job.id, abort);
        void work(job, abort.signal)
          .catch(() => undefined)
          .finally(() => atWork.delete(job.id));
      }
      return Promise.resolve(jobs.map(({ id }) => ({ id, handle: id })));
    },
    alive: (handles) => Promise.resolve(new Set(handles.filter((one) => atWork.has(one)))),
    cancel: (handles) => {
      cancelled.push(...handles);
      for (const handle of handles) aborts.get(handle)?.abort();
      return Promise.resolve();
    },
  };
}

/** A job as `r4ec task` does it. */
function realWork(runDir: string): (job: Job, signal: AbortSignal) => Promise<void> {
  return async ({ id, stage, indices }, signal) => {
    const site = { runDir, cacheDir: join(runDir, "cache"), threads: 1, memoryMb: 500 };
    const onEvent = (): void => undefined;
    await runJob({ ...site, stage, indices: parseIndices(indices), id, signal, onEvent });
  };
}

function fixture(task: string, count: number, parts: Partial<StageDef> = {}): StageDef {
  const module = new URL("../../fixture-tasks.ts", import.meta.url).href;
  const stage = { name: "words", plan: numbered(count), outputs: ["words"], ...parts };
  return stageOf({ ...stage, module, export: task });
}

async function runOn(
  engine: JobEngine,
  runDir: string,
  stage: StageDef,
  options: {
    tasksPerJob?: number;
    tries?: number;
    lostMs?: number;
    signal?: AbortSignal;
    publishPlan?: () => Promise<void>;
    takeOver?: (stage: string) => Promise<void>;
  } = {},
): Promise<readonly TaskEvent[]> {
  const { tasksPerJob = 1, tries = 1, signal = new AbortController().signal, ...more } = options;
  await mkdir(join(runDir, "cache"), { recursive: true });
  const executor = jobExecutor({
    ...{
      runDir,
      engine,
      tasksPerJob,
      tries,
      pollMs: 20,
      resourcesOf: () => ({ cpus: 2 }),
      ...more,
    },
  });
  const events: TaskEvent[] = [];
  for await (const event of executor.run(stage, taskSpecs(stage, {}), { signal })) {
    events.push(event);
  }
  return events;
}

const finishedIn = (events: readonly TaskEvent[]): readonly number[] =>
  events.flatMap((event) => (event.kind === "finished" ? event.task.index : [])).sort();

const failuresIn = (events: readonly TaskEvent[]): readonly Error[] =>
  events.flatMap((event) => (event.kind === "failed" ? [event.error] : []));

describe("jobExecutor", { timeout: 120_000 }, () => {
  test("runs the tasks of a stage in jobs, and passes on what they tell", async () => {
    const runDir = await scratchFolder();
    const engine = engineOf(realWork(runDir));
    const events = await runOn(engine, runDir, fixture("describe", 5), { tasksPerJob: 2 });
    expect(failuresIn(events)).toEqual([]);
    expect(finishedIn(events)).toEqual([0, 1, 2, 3, 4]);
    expect(
      engine.submitted.map(({ stage, indices, resources }) => [stage, indices, resources]),
    ).toEqual(["0-1", "2-3", "4"].map((indices) => ["words", indices, { cpus: 2 }]));
  });

  test("submits nothing before the plan is where jobs look for it", async () => {
    const runDir = await scratchFolder();
    const published: string[] = [];
    const planIn: string[] = [];
    const engine = engineOf(async (job, signal) => {
      planIn.push(...published);
      await realWork(runDir)(job, signal);
    });
    const publishPlan = async (): Promise<void> => {
      const { tasks } = await readPlannedStage(runDir, "words");
      await new Promise((resolve) => setTimeout(resolve, 50));
      published.push(`${tasks.length} tasks`);
    };
    await runOn(engine, runDir, fixture("describe", 2), { tasksPerJob: 2, publishPlan });
    expect(planIn).toEqual(["2 tasks"]);
  });

  test("takes over what a job has done elsewhere before it counts as lost", async () => {
    const runDir = await scratchFolder();
    const engine = engineOf(() => Promise.resolve());
    const stage = fixture("describe", 3);
    const takeOver = async (name: string): Promise<void> => {
      const { tasks } = await readPlannedStage(runDir, name);
      for (const task of tasks) await commitTask(runDir, task);
    };
    const events = await runOn(engine, runDir, stage, { tasksPerJob: 3, takeOver });
    expect(failuresIn(events)).toEqual([]);
    expect(finishedIn(events)).toEqual([0, 1, 2]);
    expect(engine.submitted).toHaveLength(1);
  });

  test("takes a task that somebody else has committed meanwhile for finished", async () => {
    const runDir = await scratchFolder();
    const stage = fixture("describe", 2);
    const engine = engineOf(async ({ indices }) => {
      const task = taskSpecs(stage, {})[Number(indices)];
      if (task !== undefined) await commitTask(runDir, task);
    });
    const events = await runOn(engine, runDir, stage);
    expect(failuresIn(events)).toEqual([]);
    expect(finishedIn(events)).toEqual([0, 1]);
  });

  test("a bug in a task is an error that may be tried again, with its message and place", async () => {
    const runDir = await scratchFolder();
    const engine = engineOf(realWork(runDir));
    const [error] = failuresIn(await runOn(engine, runDir, fixture("crash", 1)));
    expect(error).not.toBeInstanceOf(FlowError);
    expect(error?.message).toMatch(/^task 0 on \S+: x is no function$/);
  });

  test("an expected failure keeps its code, and ends the jobs beside it", async () => {
    const runDir = await scratchFolder();
    const stage = fixture("refuse", 2);
    const whole = realWork(runDir);
    const engine = engineOf((job, signal) =>
      job.indices === "0"
        ? whole(job, signal)
        : new Promise((resolve) => {
            signal.addEventListener("abort", () => {
              resolve();
            });
          }),
    );
    const events = await runOn(engine, runDir, stage);
    expect(failuresIn(events)).toMatchObject([
      { code: "INPUT_INVALID", message: "line 3: no number" },
    ]);
    expect(engine.cancelled).toHaveLength(1);
    expect(engine.atWork.size).toBe(0);
  });

  test("a job that ends without a word has failed, with the last lines that it printed", async () => {
    const runDir = await scratchFolder();
    const engine = engineOf(async ({ id, stage }) => {
      await mkdir(join(runDir, "jobs", stage), { recursive: true });
      await appendFile(jobLog(runDir, stage, id), "first\nsh: r4ec: not found\n");
    });
    const [error] = failuresIn(await runOn(engine, runDir, fixture("describe", 1)));
    expect(error?.message).toMatch(
      /^job \w+-0 ended before it began to work; its last words:\nfirst\nsh: r4ec: not found$/,
    );
  });

  test("what its engine knows of a lost job comes after its last lines", async () => {
    const runDir = await scratchFolder();
    const engine: JobEngine = {
      ...engineOf(async ({ id, stage }) => {
        await mkdir(join(runDir, "jobs", stage), { recursive: true });
        await appendFile(jobLog(runDir, stage, id), "first\n");
      }),
      lastWords: () => Promise.resolve("exit code 127 on n1"),
    };
    const [error] = failuresIn(await runOn(engine, runDir, fixture("describe", 1)));
    expect(error?.message).toMatch(/; its last words:\nfirst\nexit code 127 on n1$/);
    const dumb: JobEngine = { ...engine, lastWords: () => Promise.reject(new Error("no head")) };
    const [other] = failuresIn(await runOn(dumb, await scratchFolder(), fixture("describe", 1)));
    expect(other?.message).toMatch(/^job \w+-0 ended before it began to work$/);
  });

  test("jobs that are lost together are submitted together", async () => {
    const runDir = await scratchFolder();
    const whole = realWork(runDir);
    const submissions: string[][] = [];
    const lost = new Set(["0", "1", "2"]);
    const inner = engineOf((job, signal) =>
      lost.delete(job.indices) ? Promise.resolve() : whole(job, signal),
    );
    const engine: JobEngine = {
      ...inner,
      submit: (jobs) => {
        submissions.push(jobs.map(({ indices }) => indices));
        return inner.submit(jobs);
      },
    };
    const events = await runOn(engine, runDir, fixture("describe", 3), { tries: 2 });
    expect(finishedIn(events)).toEqual([0, 1, 2]);
    expect(submissions.filter((jobs) => jobs.length > 0)).toEqual([
      ["0", "1", "2"],
      ["0", "1", "2"],
    ]);
  });

  test("a job that falls silent is lost and cancelled, whatever the engine says of it", async () => {
    const runDir = await scratchFolder();
    const engine = engineOf(async ({ id, stage }, signal) => {
      const told = { running: { "0": { rowsDone: 3 } }, done: "", failed: {} };
      await writeJobState(runDir, stage, id, {
        ...told,
        host: "n1",
        pid: 1,
        beat: 0,
        isEnded: false,
      });
      await new Promise((resolve) => {
        signal.addEventListener("abort", resolve);
      });
    });
    const events = await runOn(engine, runDir, fixture("describe", 1), { lostMs: 200 });
    expect(events.map(({ kind }) => kind).slice(0, 2)).toEqual(["started", "progress"]);
    expect(failuresIn(events)[0]?.message).toMatch(
      /^job \w+-0 on n1 has told nothing for too long/,
    );
    expect(engine.cancelled.length).toBeGreaterThan(0);
  });

  test("tasks of a lost job are submitted again, as often as they may be", async () => {
    const runDir = await scratchFolder();
    const whole = realWork(runDir);
    let lost = 0;
    const engine = engineOf((job, signal) =>
      job.indices === "0" && lost++ < 2 ? Promise.resolve() : whole(job, signal),
    );
    const events = await runOn(engine, runDir, fixture("describe", 2), { tries: 3 });
    expect(failuresIn(events)).toEqual([]);
    expect(finishedIn(events)).toEqual([0, 1]);
    expect(engine.submitted.map(({ indices }) => indices)).toEqual(["0", "1", "0", "0"]);
  });

  test("a driver that is started again waits for the jobs of the one before, and cancels those of other work", async () => {
    const runDir = await scratchFolder();
    const stage = fixture("describe", 3);
    const [first, , third] = taskSpecs(stage, {});
    const engine = engineOf(realWork(runDir));
    let finish = (): void => undefined;
    const old = engineOf(
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    const resources = {};
    await old.submit([{ id: "old-0", stage: "words", indices: "0", resources }]);
    engine.atWork.add("old-0").add("old-1").add("old-2");
    await writeSubmissions(runDir, "words", [
      { id: "old-0", handle: "old-0", keys: { 0: first?.key ?? "" } },
      { id: "old-1", handle: "old-1", keys: { 1: "of other settings" } },
      { id: "old-2", handle: "gone", keys: { 2: third?.key ?? "" } },
    ]);
    const running = runOn(engine, runDir, stage);
    while (engine.submitted.length < 2 || engine.atWork.size > 3) await new Promise(setImmediate);
    expect(engine.submitted.map(({ indices }) => indices)).toEqual(["1", "2"]);
    expect(engine.cancelled).toEqual(["old-1"]);
    if (first !== undefined) await commitTask(runDir, first);
    engine.atWork.delete("old-0");
    finish();
    const events = await running;
    expect(failuresIn(events)).toEqual([]);
    expect(finishedIn(events)).toEqual([0, 1, 2]);
  });

  test("what dead jobs took of the budget counts no longer, unless others of the stage are at work", async () => {
    const runDir = await scratchFolder();
    const stage = fixture("describe", 1);
    const [task] = taskSpecs(stage, {});
    const part = join(runDir, "jobs", "words", "budget", "000000.json");
    const seen: boolean[] = [];
    const engine = engineOf(realWork(runDir));
    const publishPlan = async (): Promise<void> => {
      seen.push((await readFile(part).catch(() => null)) !== null);
      if (task !== undefined) await commitTask(runDir, task);
      engine.atWork.clear();
    };
    const begin = async (): Promise<void> => {
      await mkdir(dirname(part), { recursive: true });
      await writeFile(part, "{}");
    };
    engine.atWork.add("old-0");
    await begin();
    await writeSubmissions(runDir, "words", [
      { id: "old-0", handle: "old-0", keys: { 0: task?.key ?? "" } },
    ]);
    await runOn(engine, runDir, stage, { publishPlan });
    await begin();
    await runOn(engine, runDir, stage, { publishPlan });
    expect(seen).toEqual([true, false]);
  });

  test("an abort cancels all jobs and reports no task as failed", async () => {
    const runDir = await scratchFolder();
    const engine = engineOf(realWork(runDir));
    const abort = new AbortController();
    const running = runOn(engine, runDir, fixture("waitForAbort", 2), { signal: abort.signal });
    while (engine.atWork.size < 2) await new Promise(setImmediate);
    abort.abort();
    expect(failuresIn(await running)).toEqual([]);
    expect(engine.cancelled).toHaveLength(2);
  });

  test("an engine that does not answer for a while leaves its jobs alive", async () => {
    const runDir = await scratchFolder();
    const engine = engineOf(realWork(runDir));
    let failures = 0;
    const shaky: JobEngine = {
      ...engine,
      alive: (handles) =>
        failures++ < 3 ? Promise.reject(new Error("no answer")) : engine.alive(handles),
    };
    const events = await runOn(shaky, runDir, fixture("describe", 1));
    expect(failures).toBeGreaterThan(1);
    expect(finishedIn(events)).toEqual([0]);
  });

  test("leaves the logs of its jobs, and nothing that a later driver could mistake for one at work", async () => {
    const runDir = await scratchFolder();
    await runOn(engineOf(realWork(runDir)), runDir, fixture("describe", 1));
    const submitted = readFile(join(runDir, "jobs", "words", "submitted.json"));
    await expect(submitted).rejects.toMatchObject({ code: "ENOENT" });
    expect((await readPlannedStage(runDir, "words")).tasks).toHaveLength(1);
  });
});
