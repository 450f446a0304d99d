import { mkdir, readFile, readdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { FlowError } from "../../src/base/errors.ts";
import { sweepAttempts } from "../../src/flow/attempts.ts";
import { fileCommitStore } from "../../src/flow/manifest.ts";
import { taskSpecs } from "../../src/flow/task-key.ts";
import { catalogOf, readStageManifest, readStageManifests } from "../../src/flow/stage-manifest.ts";
import { scratchFolder } from "../util/scratch-folder.ts";
import { manifestOf, part, stageOf } from "./stage-of.ts";
import { trial, words, counts, report } from "./scripted-run.ts";

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

  test("drops what a stage replaces that made the same tables in another cut, and what was made of it", async () => {
    const { runDir, run } = await trial();
    await run([words, counts]);
    const inOne = { ...words, name: "words-in-one", replaces: ["words", "words-by-hand"] };
    await run([inOne]);
    expect(await readStageManifest(runDir, "words")).toBeNull();
    expect(await readStageManifest(runDir, "counts")).toBeNull();
    expect(catalogOf(await readStageManifests(runDir))["words"]).toHaveLength(3);
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
