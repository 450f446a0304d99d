import { mkdir, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { FlowError } from "../../../../src/base/errors.ts";
import type { Executor, TaskEvent } from "../../../../src/flow/executor.ts";
import {
  localExecutor,
  warmLocalExecutor,
  type LocalExecutorOptions,
} from "../../../../src/flow/executors/local/local-executor.ts";
import { fileCommitStore } from "../../../../src/flow/manifest.ts";
import type { StageDef } from "../../../../src/flow/stage.ts";
import { taskSpecs } from "../../../../src/flow/task-key.ts";
import { scratchFolder } from "../../../util/scratch-folder.ts";
import { numbered, stageOf } from "../../stage-of.ts";

interface Site {
  readonly runDir: string;
  readonly cacheDir: string;
  readonly executor: Executor;
}

async function site(
  options: Partial<LocalExecutorOptions> = {},
  create = localExecutor,
): Promise<Site> {
  const runDir = await scratchFolder();
  const cacheDir = join(runDir, "cache");
  await mkdir(cacheDir);
  const executor = create({ runDir, cacheDir, threads: 2, memoryMb: 600, ...options });
  onTestFinished(() => executor.close());
  return { runDir, cacheDir, executor };
}

/** A stage of `count` tasks of a fixture. */
function fixture(task: string, count = 1, parts: Partial<StageDef> = {}): StageDef {
  const module = new URL(`../../${parts.module ?? "fixture-tasks"}.ts`, import.meta.url).href;
  const stage = { name: "words", plan: numbered(count), outputs: ["words"], ...parts };
  return stageOf({ ...stage, module, export: task });
}

async function run(
  { executor }: Site,
  stage: StageDef,
  onEvent: (event: TaskEvent) => void = () => undefined,
  signal = new AbortController().signal,
): Promise<readonly TaskEvent[]> {
  const events: TaskEvent[] = [];
  for await (const event of executor.run(stage, taskSpecs(stage, {}), { signal })) {
    events.push(event);
    onEvent(event);
  }
  return events;
}

/** The most tasks that were under way at once. */
function mostAtOnce(events: readonly TaskEvent[]): number {
  let now = 0;
  return Math.max(
    ...events.map(({ kind }) => {
      if (kind === "started") now++;
      if (kind === "finished" || kind === "failed") now--;
      return now;
    }),
  );
}

function failuresOf(events: readonly TaskEvent[]): readonly Error[] {
  return events.flatMap((event) => (event.kind === "failed" ? [event.error] : []));
}

describe("localExecutor", { timeout: 120_000 }, () => {
  test("runs tasks in worker threads, which commit what they wrote", async () => {
    const place = await site();
    const stage = fixture("describe", 3);
    const events = await run(place, stage);
    expect(failuresOf(events)).toEqual([]);
    const manifests = await fileCommitStore(place.runDir).all();
    expect(manifests.map(({ key }) => key).sort()).toEqual(
      taskSpecs(stage, {})
        .map(({ key }) => key)
        .sort(),
    );
    for (const { index, files } of manifests) {
      const [file] = files;
      const text = await readFile(join(place.runDir, file?.path ?? ""), "utf8");
      // Two tasks at a time share two cores and 600 MiB.
      expect(JSON.parse(text)).toEqual({ params: { number: index }, threads: 1, memoryMb: 300 });
      expect(file).toMatchObject({ table: "words", rows: text.length, bytes: text.length });
      expect(file?.path).toMatch(/^tables\/words\/part-0000\d\.[0-9a-f]{8}\.parquet$/);
    }
  });

  test("shares the free memory among the tasks that run at a time, no more than there are", async () => {
    const { executor } = await site({ threads: 4, freeBytes: () => 1200 });
    const memoryOf = async (tasks: number): Promise<ReadonlySet<unknown>> => {
      const stage = fixture("sayMemory", tasks, { name: `of ${tasks}`, threads: 1 });
      const said = new Set<unknown>();
      const options = { signal: new AbortController().signal, count: tasks };
      for await (const event of executor.run(stage, taskSpecs(stage, {}), options)) {
        if (event.kind === "progress") said.add(event.progress.detail?.["memory"]);
      }
      return said;
    };
    expect(await memoryOf(2)).toEqual(new Set(['{"bytes":600,"shares":2}']));
    expect(await memoryOf(6)).toEqual(new Set(['{"bytes":300,"shares":4}']));
  });

  test("starts with its warm worker, and with a new one after it was closed", async () => {
    const warm = warmLocalExecutor(new URL("../../fixture-tasks.ts", import.meta.url).href);
    const place = await site({}, warm.create);
    const ran = async (name: string): Promise<unknown> => {
      const events = await run(place, fixture("sayThread", 1, { name, threads: "all" }));
      return events.find((event) => event.kind === "progress")?.progress.detail;
    };
    const thread = await ran("first");
    expect(await ran("second")).toEqual(thread);
    await place.executor.close();
    expect(await ran("third")).not.toEqual(thread);
    await warm.close(); // again, as the command line does
  });

  test("gives its warm worker to one executor only", async () => {
    const warm = warmLocalExecutor(new URL("../../fixture-tasks.ts", import.meta.url).href);
    const threads = new Set<unknown>();
    for (const place of [await site({}, warm.create), await site({}, warm.create)]) {
      const events = await run(place, fixture("sayThread", 1, { threads: "all" }));
      threads.add(events.find((event) => event.kind === "progress")?.progress.detail?.["thread"]);
    }
    expect(threads.size).toBe(2);
  });

  test("a worker that is ended while it loads does not take the process with it", async () => {
    await warmLocalExecutor("dataset/ingest/ingest-task").close();
    await warmLocalExecutor("no/such-module").close();
  });

  test("loses no progress report while this thread is too busy to hear of it", async () => {
    const place = await site();
    const stage = fixture("describe", 20, { threads: "all" });
    const events = await run(place, stage, ({ kind }) => {
      if (kind === "started") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    });
    expect(events.filter(({ kind }) => kind === "progress")).toHaveLength(3 * 20);
  });

  test("passes on every progress report, in order, before the end of its task", async () => {
    const events = await run(await site(), fixture("describe", 4, { threads: "all" }));
    const story = events.map((event) =>
      event.kind === "progress" ? event.progress.rowsDone : event.kind,
    );
    const oneTask = ["started", 1, 2, 3, "finished"];
    expect(story).toEqual([...oneTask, ...oneTask, ...oneTask, ...oneTask]);
  });

  test("keeps class, code and message of an expected failure, and commits nothing of it", async () => {
    const place = await site();
    const [error] = failuresOf(await run(place, fixture("refuse")));
    expect(error).toBeInstanceOf(FlowError);
    expect(error).toMatchObject({ code: "INPUT_INVALID", message: "line 3: no number" });
    expect(await fileCommitStore(place.runDir).all()).toEqual([]);
    expect(await readdir(join(place.runDir, "tables/words"))).toEqual([]);
    expect(await readdir(join(place.runDir, "tmp"))).toEqual([]);
  });

  test("keeps message and stack of a bug", async () => {
    const [error] = failuresOf(await run(await site(), fixture("crash")));
    expect(error).not.toBeInstanceOf(FlowError);
    expect(error?.message).toBe("x is no function");
    expect(error?.stack).toContain("fixture-tasks.ts");
  });

  test.each([
    ["calls process.exit", fixture("exit")],
    ["cannot be loaded", fixture("any", 1, { module: "broken-fixture" })],
    ["is not there", fixture("any", 1, { module: "no-such-file" })],
    ["does not export the task", fixture("noSuchTask")],
  ])("reports a task whose module %s as failed, and goes on working", async (_what, stage) => {
    const place = await site();
    const failures = failuresOf(await run(place, stage));
    expect(failures).toHaveLength(1);
    expect(failures[0]?.message).toMatch(
      /exit|broken at import|no-such-file|exports no task noSuchTask/,
    );
    expect(failuresOf(await run(place, fixture("describe")))).toEqual([]);
  });

  test("loses only its own task when a worker dies beside another", async () => {
    const place = await site();
    const mixed = [fixture("exit", 1), fixture("describe", 3)].flatMap((stage) =>
      taskSpecs(stage, {}),
    );
    const events: TaskEvent[] = [];
    const { signal } = new AbortController();
    for await (const event of place.executor.run(fixture("describe"), mixed, { signal })) {
      events.push(event);
    }
    expect(events.filter(({ kind }) => kind === "finished")).toHaveLength(3);
    expect(failuresOf(events)).toHaveLength(1);
  });

  test("stops running tasks when it is told to, and starts no more", async () => {
    const abort = new AbortController();
    const events = await run(
      await site(),
      fixture("waitForAbort", 5, { threads: "all" }),
      (event) => {
        if (event.kind === "progress") abort.abort();
      },
      abort.signal,
    );
    expect(events.map(({ kind }) => kind)).toEqual(["started", "progress", "failed"]);
  });

  test("does not wait for a task that hears nothing longer than the grace time, and ends its thread", async () => {
    const abort = new AbortController();
    const place = await site({ graceMs: 50 });
    const events = await run(
      place,
      fixture("stuck"),
      (event) => {
        if (event.kind === "progress") abort.abort();
      },
      abort.signal,
    );
    expect(events.map(({ kind }) => kind)).toEqual(["started", "progress"]);
    await place.executor.close(); // would never come back, did it wait for the task
  });

  test("starts nothing when it is told to stop before the start", async () => {
    expect(await run(await site(), fixture("describe"), undefined, AbortSignal.abort())).toEqual(
      [],
    );
  });

  test("really runs tasks side by side", async () => {
    const together = { plan: numbered(2, { together: 2 }) };
    expect(mostAtOnce(await run(await site(), fixture("meet", 2, together)))).toBe(2);
  });

  test.each<[StageDef["threads"], number, number]>([
    [1, 3, 3],
    [2, 3, 1],
    [2, 4, 2],
    ["all", 4, 1],
    ["waiting", 1, 4],
    [8, 4, 1],
  ])(
    "of tasks with %s threads on %i cores runs at most %i at once",
    async (threads, cores, most) => {
      const place = await site({ threads: cores });
      const events = await run(place, fixture("describe", 6, { threads }));
      expect(mostAtOnce(events)).toBe(most);
      expect(events.filter(({ kind }) => kind === "finished")).toHaveLength(6);
    },
  );

  test("takes tasks only as it can run them", async () => {
    const place = await site();
    const stage = fixture("describe", 5, { threads: "all" });
    let taken = 0;
    function* counted() {
      for (const task of taskSpecs(stage, {})) {
        taken++;
        yield task;
      }
    }
    let finished = 0;
    const { signal } = new AbortController();
    for await (const event of place.executor.run(stage, counted(), { signal })) {
      if (event.kind === "started") expect(taken).toBe(finished + 1);
      if (event.kind === "finished") finished++;
    }
    expect(finished).toBe(5);
  });

  test("makes shared things once a worker and closes them when the stage ends", async () => {
    const place = await site();
    const shared = (name: string, count: number): StageDef =>
      fixture("useShared", count, { name, threads: "all" });
    await run(place, shared("first", 3));
    await run(place, shared("second", 2));
    expect((await readFile(join(place.cacheDir, "log"), "utf8")).trim().split("\n")).toEqual([
      ...["made", "first 0 own", "first 1 own", "first 2 own", "closed"],
      ...["made", "second 0 own", "second 1 own", "closed"],
    ]);
  });

  test("closes shared things after an abort as well, before the stage ends", async () => {
    const place = await site({ threads: 1 });
    const abort = new AbortController();
    const stage = fixture("shareAndWait", 2, { threads: "waiting" });
    await run(
      place,
      stage,
      ({ kind }) => {
        if (kind === "progress") abort.abort();
      },
      abort.signal,
    );
    const log = (await readFile(join(place.cacheDir, "log"), "utf8")).trim().split("\n");
    expect(log).toEqual(["made", "closed"]);
  });

  test("has tasks that wait side by side in one worker, where they share what is made once", async () => {
    const place = await site({ threads: 1 });
    const meeting = fixture("meet", 4, {
      threads: "waiting",
      plan: numbered(4, { together: 4 }),
    });
    expect(mostAtOnce(await run(place, meeting))).toBe(4);
    await run(place, fixture("useShared", 6, { name: "sharing", threads: "waiting" }));
    const log = (await readFile(join(place.cacheDir, "log"), "utf8")).trim().split("\n");
    expect(log.filter((line) => line === "made")).toHaveLength(1);
    expect(log.filter((line) => line.endsWith("own"))).toHaveLength(6);
  });

  test("closes what an earlier stage shared before any of the tasks side by side makes it anew", async () => {
    const place = await site({ threads: 1 });
    const sharing = (name: string): StageDef =>
      fixture("useShared", 4, { name, threads: "waiting" });
    await run(place, sharing("first"));
    await run(place, sharing("second"));
    const log = (await readFile(join(place.cacheDir, "log"), "utf8")).trim().split("\n");
    const makings = log.filter((line) => !line.endsWith("own"));
    expect(makings).toEqual(["made", "closed", "made", "closed"]);
  });
});
