import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fileCommitStore } from "../../src/flow/manifest.ts";
import { runTask, type TaskSite } from "../../src/flow/run-task.ts";
import { taskSpecs } from "../../src/flow/task-key.ts";
import type { TaskSpec } from "../../src/flow/task.ts";
import { scratchFolder } from "../util/scratch-folder.ts";
import { stageOf } from "./stage-of.ts";

async function siteIn(signal = new AbortController().signal): Promise<TaskSite> {
  const runDir = await scratchFolder();
  return {
    runDir,
    cacheDir: runDir,
    threads: 1,
    memoryMb: 100,
    signal,
    progress: () => undefined,
    shared: (_key, create) => create(),
  };
}

function task(name: string): TaskSpec {
  const module = new URL("./fixture-tasks.ts", import.meta.url).href;
  const [spec] = taskSpecs(stageOf({ name: "words", module, export: name }), {});
  if (spec === undefined) throw new Error("no task planned");
  return spec;
}

describe("runTask", () => {
  test("names every part with rows, bytes and hash of its content", async () => {
    const site = await siteIn();
    const manifest = await runTask(task("describe"), site);
    const content = '{"params":{},"threads":1,"memoryMb":100}';
    expect(manifest).toMatchObject({ stage: "words", index: 0, key: task("describe").key });
    expect(manifest.files).toMatchObject([
      {
        table: "words",
        rows: 40,
        bytes: 40,
        // printf '%s' '{"params":{},"threads":1,"memoryMb":100}' | sha256sum
        sha256: "d6f66bf5e8ce79417d17a2560c81617f975a550fc9649101f57e00ec9f55edc8",
      },
    ]);
    expect(await readFile(join(site.runDir, manifest.files[0]?.path ?? ""), "utf8")).toBe(content);
    expect(await fileCommitStore(site.runDir).all()).toEqual([manifest]);
  });

  test("keeps one result of ten attempts at one task, and deletes the losers' files", async () => {
    const site = await siteIn();
    const results = await Promise.all(
      Array.from({ length: 10 }, () => runTask(task("describe"), site)),
    );
    const [winner] = await fileCommitStore(site.runDir).all();
    for (const manifest of results) expect(manifest).toEqual(winner);
    const parts = await readdir(join(site.runDir, "tables/words"));
    expect(parts.map((name) => `tables/words/${name}`)).toEqual([winner?.files[0]?.path]);
    expect(await readdir(join(site.runDir, "tmp"))).toEqual([]);
  });

  test.each(["refuse", "crash"])("leaves nothing of an attempt that fails (%s)", async (name) => {
    const site = await siteIn();
    await expect(runTask(task(name), site)).rejects.toThrow();
    expect(await fileCommitStore(site.runDir).all()).toEqual([]);
    expect(await readdir(join(site.runDir, "tables/words"))).toEqual([]);
    expect(await readdir(join(site.runDir, "tmp"))).toEqual([]);
  });

  test("commits nothing once it is told to stop, even when the work is done", async () => {
    const site = await siteIn(AbortSignal.abort());
    await expect(runTask(task("describe"), site)).rejects.toThrow(/abort/i);
    expect(await fileCommitStore(site.runDir).all()).toEqual([]);
    expect(await readdir(join(site.runDir, "tables/words"))).toEqual([]);
  });
});
