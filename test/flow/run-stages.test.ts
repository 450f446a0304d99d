import {
  access,
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { noRetry, type RetryPolicy } from "../../src/base/retry-policy.ts";
import { FlowError } from "../../src/base/errors.ts";
import type { Executor, TaskEvent } from "../../src/flow/executor.ts";
import type { Outcomes } from "../../src/flow/outcomes.ts";
import type { RunEvent } from "../../src/flow/run-event.ts";
import { sweepAttempts } from "../../src/flow/attempts.ts";
import { fileCommitStore } from "../../src/flow/manifest.ts";
import { runStages } from "../../src/flow/run-stages.ts";
import { taskSpecs } from "../../src/flow/task-key.ts";
import { sha256 } from "../../src/base/sha256.ts";
import {
  catalogOf,
  readStageManifest,
  readStageManifests,
  type StageManifest,
} from "../../src/flow/stage-manifest.ts";
import { taskPerPart, type Catalog, type StageDef } from "../../src/flow/stage.ts";
import type { FileRef, TaskSpec } from "../../src/flow/task.ts";
import { scratchFolder } from "../util/scratch-folder.ts";
import { commitTask, manifestOf, numbered, part, stageOf } from "./stage-of.ts";

interface Attempt {
  readonly task: TaskSpec;
  /** How often this task has been handed out, this time included. */
  readonly time: number;
  /** Does what a finished task does. */
  readonly commit: (content?: string, outcomes?: Outcomes) => Promise<boolean>;
}

/** What a task does; throws to fail. */
type Behaviour = (attempt: Attempt) => Promise<unknown>;

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

interface Trial {
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

async function trial(
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

const words = stageOf({ name: "words", plan: numbered(3) });
const counts = stageOf({
  name: "counts",
  inputs: ["words"],
  plan: (inputs) => taskPerPart("words", inputs),
});
const report = stageOf({ name: "report", inputs: ["counts"] });

describe("runStages", () => {
  test("hands each stage the tables of those before it and names the result", async () => {
    const { runDir, executor, run } = await trial();
    const catalog = await run([words, counts, report]);
    expect(executor.handedOut).toEqual([
      ...["words 0", "words 1", "words 2"],
      ...["counts 0", "counts 1", "counts 2"],
      "report 0",
    ]);
    expect(Object.keys(catalog)).toEqual(["words", "counts", "report"]);
    expect(catalog["counts"]?.map((file) => file.path)).toEqual([
      "tables/counts/counts 0",
      "tables/counts/counts 1",
      "tables/counts/counts 2",
    ]);
    expect(await readStageManifest(runDir, "words")).toMatchObject({
      inputs: [],
      outputs: ["words"],
      tasks: 3,
      taskSeconds: 1.5,
    });
    expect(catalogOf(await readStageManifests(runDir))).toEqual(catalog);
  });

  test("tells what was started, reused and finished", async () => {
    const first = await trial();
    await first.run([words]);
    expect(first.events.map(({ kind }) => kind)).toEqual([
      "stage-started",
      ...Array.from({ length: 6 }, () => "task"),
      "stage-finished",
    ]);
    expect(first.events[0]).toMatchObject({ tasks: 3, reused: 0, rowsReused: 0 });
    const again = await trial(undefined, first.runDir);
    await again.run([words]);
    expect(again.events).toMatchObject([
      { kind: "stage-started", tasks: 3, reused: 3, rowsReused: 3 },
      { kind: "stage-finished", tasks: 3, reused: 3 },
    ]);
  });

  test("does nothing again that is done", async () => {
    const first = await trial();
    const catalog = await first.run([words, counts]);
    const again = await trial(undefined, first.runDir);
    expect(await again.run([words, counts])).toEqual(catalog);
    expect(again.executor.handedOut).toEqual([]);
  });

  test("submits only the tasks that are missing", async () => {
    const first = await trial();
    await first.run([words]);
    const store = fileCommitStore(first.runDir);
    const second = (await store.all()).find(({ index }) => index === 1);
    if (second === undefined) throw new Error("three tasks are committed");
    await store.drop(second);
    const again = await trial(undefined, first.runDir);
    await again.run([words]);
    expect(again.executor.handedOut).toEqual(["words 1"]);
  });

  test("runs exactly the stages again that a changed setting reaches", async () => {
    const first = await trial();
    await first.run([words, counts, report]);
    const again = await trial(({ commit }) => commit("new content"), first.runDir);
    await again.run([words, { ...counts, config: { min: 2 } }, report]);
    expect(again.executor.handedOut).toEqual(["counts 0", "counts 1", "counts 2", "report 0"]);
    const back = await trial(undefined, first.runDir);
    await back.run([words, counts, report]);
    expect(back.executor.handedOut).toEqual([]);
  });

  test("lists no result of the old settings while a stage runs again under new ones", async () => {
    const first = await trial();
    await first.run([words, counts, report]);
    const failing = await trial(
      () => Promise.reject(new FlowError("INPUT_INVALID", "no")),
      first.runDir,
    );
    await expect(failing.run([words, { ...counts, config: { min: 2 } }, report])).rejects.toThrow();
    const listed = await readStageManifests(first.runDir);
    expect(listed.map((manifest) => manifest.stage)).toEqual(["words"]);
  });

  test("takes given stages as they are", async () => {
    const first = await trial();
    await first.run([words]);
    const given = await readStageManifests(first.runDir);
    const { executor, run } = await trial(undefined, first.runDir);
    const catalog = await run([counts], given);
    expect(executor.handedOut).toEqual(["counts 0", "counts 1", "counts 2"]);
    expect(Object.keys(catalog)).toEqual(["words", "counts"]);
  });

  test("tries a task again after an unknown error", async () => {
    const { executor, events, run } = await trial(({ task, time, commit }) => {
      if (task.index === 1 && time === 1) throw new Error("lost connection");
      return commit();
    });
    await run([words]);
    expect(executor.handedOut).toEqual(["words 0", "words 1", "words 1", "words 2"]);
    const attempts = events.flatMap((event) => (event.kind === "task" ? [event.attempt] : []));
    expect(Math.max(...attempts)).toBe(2);
  });

  test("gives up after maxAttempts with the error and its cause, and hands out nothing more", async () => {
    const { runDir, executor, run } = await trial(() => Promise.reject(new Error("disk on fire")));
    await expect(run([{ ...words, maxAttempts: 3 }, counts])).rejects.toMatchObject({
      code: "STAGE_FAILED",
      message: expect.stringMatching(
        /^stage words failed after 3 attempts: Error: disk on fire/,
      ) as unknown,
      cause: { message: "disk on fire" },
    });
    expect(executor.handedOut).toEqual(["words 0", "words 0", "words 0"]);
    expect(await readStageManifests(runDir)).toEqual([]);
  });

  test("does not try again what is expected to fail, and passes the error on as it is", async () => {
    const error = new FlowError("INPUT_INVALID", "line 3: no number");
    const { executor, run } = await trial(() => Promise.reject(error));
    await expect(run([words])).rejects.toBe(error);
    expect(executor.handedOut).toEqual(["words 0"]);
  });

  test("lets every task queue its questions before it stops to wait for the answers", async () => {
    const pending = new FlowError("ANSWERS_PENDING", "2 of 3 users wait");
    const { executor, run } = await trial(({ task, commit }) =>
      task.index === 1 ? commit() : Promise.reject(pending),
    );
    await expect(run([words])).rejects.toBe(pending);
    expect(executor.handedOut).toEqual(["words 0", "words 1", "words 2"]);
    const failure = new FlowError("BUDGET_SPENT", "spent");
    const second = await trial(({ task }) => Promise.reject(task.index === 0 ? pending : failure));
    await expect(second.run([words])).rejects.toBe(failure);
    expect(second.executor.handedOut).toEqual(["words 0", "words 1"]);
  });

  test("trusts manifests, not the executor: what is committed is done although it failed", async () => {
    const { run } = await trial(async ({ commit }) => {
      await commit();
      throw new Error("died just after the commit");
    });
    const catalog = await run([{ ...words, maxAttempts: 3 }]);
    expect(catalog["words"]).toHaveLength(3);
  });

  test("fails instead of waiting for ever when tasks end without a result", async () => {
    const { executor, run } = await trial(() => Promise.resolve());
    await expect(run([words])).rejects.toMatchObject({
      code: "STAGE_FAILED",
      message: expect.stringContaining("a task ended without a result") as unknown,
    });
    expect(executor.handedOut).toHaveLength(6);
  });

  test("is not confused by two tasks of equal content", async () => {
    const twice = stageOf({
      name: "twice",
      plan: () => [
        { params: {}, inputs: {} },
        { params: {}, inputs: {} },
      ],
    });
    const { run } = await trial();
    expect((await run([twice]))["twice"]).toHaveLength(2);
  });

  test("stops with INTERRUPTED after an abort; the next run goes on from there", async () => {
    const first = await trial();
    const stopped = await trial(async ({ task, commit }) => {
      await commit();
      if (task.index === 1) stopped.abort.abort();
    }, first.runDir);
    await expect(stopped.run([words, counts])).rejects.toMatchObject({
      code: "INTERRUPTED",
      message: "interrupted in stage words",
    });
    expect(stopped.executor.handedOut).toEqual(["words 0", "words 1"]);
    const next = await trial(undefined, first.runDir);
    await next.run([words]);
    expect(next.executor.handedOut).toEqual(["words 2"]);
  });

  test("takes failures after an abort for part of it", async () => {
    const failing = await trial(() => {
      failing.abort.abort();
      return Promise.reject(new FlowError("SQL_FAILED", "interrupted query"));
    });
    await expect(failing.run([words])).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(JSON.stringify(failing.events)).not.toContain('"failed"');
  });

  test("deletes what noted attempts left behind, and nothing else", async () => {
    const first = await trial();
    await first.run([words]);
    const put = async (path: string): Promise<void> => {
      await mkdir(dirname(join(first.runDir, path)), { recursive: true });
      await writeFile(join(first.runDir, path), "half");
    };
    const own = [
      ...[
        "tables/words/part-00000.0dead000.parquet",
        "tables/ghosts/part-00000-3.0dead000.parquet",
      ],
      ...["tables/words/part-00000-1.0dead000.parquet.buckets/bucket=1/data_0.parquet"],
      "tmp/0dead000/spill",
    ];
    const others = [
      ...["tables/words/part-00000.beef0000.parquet", "tables/words/notes.txt", "tables/mine.csv"],
      ...["tmp/keep.txt", "tmp/beef0000/spill", "tables/ghosts/0dead000.parquet"],
    ];
    for (const path of [...own, ...others]) await put(path);
    await put("attempts/0dead000.json");
    await put("attempts/README");
    await (await trial(undefined, first.runDir)).run([words]);
    const left = (await readdir(first.runDir, { recursive: true })).sort();
    for (const path of others) expect(left).toContain(path);
    for (const path of own) expect(left).not.toContain(path);
    expect(left.filter((path) => path.startsWith("attempts/"))).toEqual(["attempts/README"]);
    expect(left).toContain("tables/words/words 0");
  });

  test("keeps what an attempt committed before it could say that it had ended", async () => {
    const runDir = await scratchFolder();
    const [task] = taskSpecs(words, {});
    if (task === undefined) throw new Error("three tasks are planned");
    const path = "tables/words/part-00000.0dead000.parquet";
    await mkdir(join(runDir, "tables/words"), { recursive: true });
    await mkdir(join(runDir, "attempts"));
    await writeFile(join(runDir, path), "hello");
    await writeFile(join(runDir, "attempts/0dead000.json"), "");
    await fileCommitStore(runDir).putIfAbsent(manifestOf(task, [part("words", "hello", path)]));
    await (await trial(undefined, runDir)).run([words]);
    expect(await readFile(join(runDir, path), "utf8")).toBe("hello");
  });

  test.each(["tables/words", "tables", "tmp", "attempts"])(
    "follows no symbolic link when it cleans up (%s)",
    async (linked) => {
      const runDir = await scratchFolder();
      const elsewhere = await scratchFolder();
      const names = ["part-00000.0dead000.parquet", "0dead000.json", "0dead000/x", "words/x"];
      for (const name of [...names, "words/part-00000.0dead000.parquet"]) {
        await mkdir(dirname(join(elsewhere, name)), { recursive: true });
        await writeFile(join(elsewhere, name), "");
      }
      const before = (await readdir(elsewhere, { recursive: true })).sort();
      await mkdir(dirname(join(runDir, linked)), { recursive: true });
      await symlink(elsewhere, join(runDir, linked));
      if (linked !== "attempts") {
        await mkdir(join(runDir, "attempts"));
        await writeFile(join(runDir, "attempts/0dead000.json"), "");
      }
      await sweepAttempts(runDir, join(runDir, "tmp"), fileCommitStore(runDir));
      expect((await readdir(elsewhere, { recursive: true })).sort()).toEqual(before);
    },
  );
});

describe("runStages on a damaged run", () => {
  const finished = async (): Promise<string> => {
    const { runDir, run } = await trial(({ task, commit }) =>
      commit(`${task.stage} ${task.index}`),
    );
    await run([words, counts, report]);
    return runDir;
  };
  const damage = (runDir: string, path: string, text: string): Promise<void> =>
    writeFile(join(runDir, path), text);

  test("refuses a part of another content as soon as a task is to read it", async () => {
    const runDir = await finished();
    await damage(runDir, "tables/words/words 1", "words X");
    const { executor, run } = await trial(undefined, runDir);
    await run([words, counts, report]); // nobody reads it
    await expect(run([words, { ...counts, config: { min: 2 } }])).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: expect.stringMatching(
        /words 1: its content is not what was written\. .*--repair/,
      ) as unknown,
    });
    expect(executor.handedOut).toEqual([]);
  });

  test("repairs a part of another content: its task and what may have read it run again", async () => {
    const runDir = await finished();
    await damage(runDir, "tables/words/words 1", "words X");
    const { executor, events, run } = await trial(undefined, runDir);
    await run([words, counts, report], [], { isRepair: true });
    // These manifests do not say what was read, so the whole of the next stages is redone.
    expect(executor.handedOut).toEqual(["words 1", "counts 0", "counts 1", "counts 2", "report 0"]);
    expect(events[0]).toEqual({
      kind: "note",
      text: `${runDir}/tables/words/words 1: its content is not what was written; what wrote it runs again`,
    });
    const again = await trial(undefined, runDir);
    await again.run([words, counts, report], [], { isRepair: true });
    expect(again.executor.handedOut).toEqual([]);
  });

  test("repairs only readers of the part where manifests say what was read", async () => {
    const runDir = await finished();
    const store = fileCommitStore(runDir);
    for (const manifest of await store.all()) {
      const read = {
        counts: [`words ${manifest.index}`],
        report: ["counts 0", "counts 1", "counts 2"],
      };
      const reads = Object.entries(read).find(([stage]) => stage === manifest.stage)?.[1] ?? [];
      const path = join(runDir, "manifests", manifest.stage, `${manifest.key}.json`);
      const digests = reads.map((content) => sha256(content).slice(0, 12));
      await writeFile(path, JSON.stringify({ ...manifest, reads: digests }));
    }
    await damage(runDir, "tables/words/words 1", "words X");
    const { executor, run } = await trial(undefined, runDir);
    await run([words, counts, report], [], { isRepair: true });
    expect(executor.handedOut).toEqual(["words 1", "counts 1", "report 0"]);
  });

  test("repairs a missing part without its readers, who cannot have read anything else", async () => {
    const runDir = await finished();
    await rm(join(runDir, "tables/words/words 1"));
    const refused = await trial(undefined, runDir);
    await expect(refused.run([words])).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: expect.stringContaining("words 1: it is missing") as unknown,
    });
    const { executor, run } = await trial(undefined, runDir);
    await run([words, counts, report], [], { isRepair: true });
    expect(executor.handedOut).toEqual(["words 1"]);
  });

  test.each(["manifests/words/$KEY.json", "stages/words.json"])(
    "sets a manifest aside that cannot be read (%s)",
    async (name) => {
      const runDir = await finished();
      const [task] = taskSpecs(words, {});
      const path = name.replace("$KEY", task?.key ?? "");
      await damage(runDir, path, '{"key": "');
      await expect((await trial(undefined, runDir)).run([words])).rejects.toMatchObject({
        code: "RUN_INVALID",
        message: expect.stringContaining(path) as unknown,
      });
      const { executor, run } = await trial(undefined, runDir);
      await run([words, counts, report], [], { isRepair: true });
      expect(executor.handedOut).toEqual(name.startsWith("stages") ? [] : ["words 0"]);
      expect(await readFile(join(runDir, `${path}.damaged`), "utf8")).toBe('{"key": "');
    },
  );

  test("does a task again whose files beside the tables are missing", async () => {
    const models = stageOf({ name: "models", artifacts: () => ["models/a/model.bin"] });
    const runDir = await scratchFolder();
    const { run } = await trial(undefined, runDir);
    await mkdir(join(runDir, "models/a"), { recursive: true });
    await damage(runDir, "models/a/model.bin", "weights");
    await run([models]);
    const kept = await trial(undefined, runDir);
    await kept.run([models]);
    expect(kept.executor.handedOut).toEqual([]);
    await rm(join(runDir, "models"), { recursive: true });
    const again = await trial(undefined, runDir);
    await again.run([models]);
    expect(again.executor.handedOut).toEqual(["models 0"]);
    expect(again.events[0]).toEqual({
      kind: "note",
      text: `${runDir}/models/a/model.bin: it is missing; its task runs again`,
    });
  });

  test("stops when the run folder is moved away, and begins nothing in its place", async () => {
    const { runDir, run } = await trial(async ({ commit }) => {
      await rename(runDir, `${runDir}-moved`);
      onTestFinished(() => rm(`${runDir}-moved`, { recursive: true }));
      await commit().catch(() => undefined);
      await rm(runDir, { recursive: true, force: true }); // what the test itself has begun
    });
    await expect(run([words])).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: expect.stringContaining(
        "is no longer there: it was moved, renamed or deleted",
      ) as unknown,
    });
  });
});

/** All parts made before this run, in which two kinds are wanted. */
const retry: RetryPolicy = { kinds: ["length", "empty"], beforeMs: Date.parse("2026-02-01") };
const writer = (kind: string): Outcomes => ({
  actor: { ends: { ok: 5, [kind]: 2 }, firstError: "none" },
});
/** Of `words`, part 0 is fine, 1 has errors that are wanted again, 2 has others. */
const withErrors: Behaviour = ({ task, commit }) =>
  task.stage === "words"
    ? commit(undefined, [undefined, writer("length"), writer("filtered")][task.index])
    : commit();

describe("runStages, where earlier parts hold errors", () => {
  test("does those tasks again whose errors are wanted, then what reads them, and deletes the old parts", async () => {
    const first = await trial(withErrors);
    await first.run([words, counts, report]);
    const again = await trial(({ commit }) => commit("mended"), first.runDir);
    await again.run([words, counts, report], [], { retry });
    expect(again.executor.handedOut).toEqual(["words 1", "counts 1", "report 0"]);
    expect(again.events[0]).toMatchObject({ tasks: 3, reused: 2, retried: { length: 2 } });
    expect(await readdir(join(first.runDir, "tables/words"))).toEqual([
      ...["mended", "words 0", "words 2"],
    ]);
    expect(await readdir(join(first.runDir, "manifests/words"))).toHaveLength(3);
  });

  test("does nothing again without such a policy, nor what this run has made", async () => {
    const first = await trial(withErrors);
    await first.run([words]);
    const kept = await trial(undefined, first.runDir);
    await kept.run([words]);
    await kept.run([words], [], { retry: { ...retry, beforeMs: Date.parse("2026-01-01") } });
    expect(kept.executor.handedOut).toEqual([]);
  });

  test("leaves what reads them as it is when they come out the same", async () => {
    const first = await trial(withErrors);
    await first.run([words, counts]);
    const again = await trial(withErrors, first.runDir);
    await again.run([words, counts], [], { retry });
    await again.run([words], [], { retry });
    expect(again.executor.handedOut).toEqual(["words 1", "words 1"]);
    const listed = await readStageManifests(first.runDir);
    expect(listed.map(({ stage }) => stage)).toEqual(["counts", "words"]);
  });

  test("lists no reader of a table that has changed, also when the run stops there", async () => {
    const first = await trial(withErrors);
    await first.run([words, counts, report]);
    const again = await trial(({ commit }) => commit("mended"), first.runDir);
    await again.run([words], [], { retry });
    const listed = await readStageManifests(first.runDir);
    expect(listed.map(({ stage }) => stage)).toEqual(["words"]);
  });

  test.each<[string, (runDir: string) => Promise<void>]>([
    ["fails", () => Promise.resolve()],
    [
      "is killed",
      async (runDir) => {
        // What a kill leaves: the old manifest put aside.
        const folder = join(runDir, "manifests/words");
        const manifests = await Promise.all(
          (await readdir(folder)).map(async (name) => ({
            path: join(folder, name),
            text: await readFile(join(folder, name), "utf8"),
          })),
        );
        const old = manifests.find(({ text }) => text.includes('"length"'));
        await rename(old?.path ?? "", `${old?.path ?? ""}.aside`);
      },
    ],
  ])("has the old parts still when doing them again %s", async (_what, leave) => {
    const first = await trial(withErrors);
    const catalog = await first.run([words, counts]);
    const failing = await trial(
      () => Promise.reject(new FlowError("PROVIDER_FAILED", "no server")),
      first.runDir,
    );
    await expect(failing.run([words, counts], [], { retry })).rejects.toThrow("no server");
    await leave(first.runDir);
    expect(catalogOf(await readStageManifests(first.runDir))).toEqual(catalog);
    const next = await trial(undefined, first.runDir);
    expect(await next.run([words, counts])).toEqual(catalog);
    expect(next.executor.handedOut).toEqual([]);
    expect(await readdir(join(first.runDir, "manifests/words"))).toHaveLength(3);
  });

  test("keeps the whole of a stage readable when only some of its tasks have been done again", async () => {
    const first = await trial(({ commit }) => commit(undefined, writer("empty")));
    const catalog = await first.run([words]);
    const failing = await trial(
      ({ task, commit }) =>
        task.index === 0
          ? commit("mended")
          : Promise.reject(new FlowError("PROVIDER_FAILED", "no server")),
      first.runDir,
    );
    await expect(failing.run([words], [], { retry })).rejects.toThrow("no server");
    // A later start cleans up; the complete stage is read until it is complete again.
    await expect(failing.run([words], [], { retry })).rejects.toThrow("no server");
    expect(catalogOf(await readStageManifests(first.runDir))).toEqual(catalog);
    for (const { path } of catalog["words"] ?? []) await access(join(first.runDir, path));
    const next = await trial(({ task, commit }) => commit(`mended ${task.index}`), first.runDir);
    await next.run([words], [], { retry });
    expect(next.executor.handedOut).toEqual(["words 1", "words 2"]);
    expect(await readdir(join(first.runDir, "tables/words"))).toEqual([
      ...["mended", "mended 1", "mended 2"],
    ]);
  });

  test("asks the stage whether its parts are of use, done now or before, and does not complete it when not", async () => {
    const check = (parts: readonly FileRef[]): void => {
      if (parts.length === 3) throw new FlowError("TOO_MANY_ERRORS", "no use");
    };
    const first = await trial();
    await expect(first.run([{ ...words, check }])).rejects.toThrow("no use");
    expect(await readStageManifests(first.runDir)).toEqual([]);
    const again = await trial(undefined, first.runDir);
    await expect(again.run([{ ...words, check }])).rejects.toThrow("no use");
    expect(again.executor.handedOut).toEqual([]);
    await again.run([{ ...words, check: () => undefined }]);
    expect(await readStageManifests(first.runDir)).toHaveLength(1);
  });
});
