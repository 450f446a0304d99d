import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lockRun } from "../../src/flow/run-lock.ts";
import { writeStageManifest } from "../../src/flow/stage-manifest.ts";
import { taskSpecs } from "../../src/flow/task-key.ts";
import { parsePipeline } from "../../src/pipeline/load-pipeline.ts";
import {
  makeRunFolder,
  requireRun,
  runCatalog,
  writeRunSettings,
} from "../../src/pipeline/run-folder.ts";
import { runPipeline, type RunPipelineOptions } from "../../src/pipeline/run-pipeline.ts";
import { runStatus } from "../../src/pipeline/run-status.ts";
import { stagesOf } from "../../src/pipeline/stages.ts";
import { commitTask, part } from "../flow/stage-of.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

const settings = parsePipeline("name: small", "p.yaml");

async function newRun(): Promise<string> {
  const runDir = await scratchFolder();
  await writeRunSettings(runDir, settings);
  return runDir;
}

describe("makeRunFolder", () => {
  test("makes the folder and those above it, and takes one that is there", async () => {
    const runDir = join(await scratchFolder(), "a", "b");
    await makeRunFolder(runDir);
    await makeRunFolder(runDir);
    expect(await readdir(runDir)).toEqual([]);
  });

  test.each(["/proc/r4ec", "/proc/r4ec/deeper"])("does not try for ever (%s)", async (runDir) => {
    await expect(makeRunFolder(runDir)).rejects.toMatchObject({ code: "OUTPUT_FAILED" });
  });

  test("says which folder cannot be made and what to do", async () => {
    const folder = await scratchFolder();
    await writeFile(join(folder, "file"), "");
    await expect(makeRunFolder(join(folder, "file", "run"))).rejects.toMatchObject({
      code: "OUTPUT_FAILED",
      message: expect.stringMatching(
        /^cannot write to the run folder .*file\/run: .*file already exists.*file'\. Choose another with --out\.$/,
      ) as unknown,
    });
  });
});

describe("requireRun", () => {
  test("accepts a folder with settings, however little of it is done", async () => {
    await requireRun(await newRun());
    expect(await runCatalog(await newRun())).toEqual({});
  });

  test.each([
    ["nothing", "there is no folder"],
    ["file/below", "there is no folder"],
    ["file", "is not a run folder"],
    ["empty", "is not a run folder (it has no pipeline.yaml)"],
  ])("refuses %s: %s", async (name, message) => {
    const folder = await scratchFolder();
    await writeFile(join(folder, "file"), "");
    await mkdir(join(folder, "empty"));
    await expect(requireRun(join(folder, name))).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: expect.stringContaining(message) as unknown,
    });
  });
});

describe("runStatus", () => {
  test("tells missing from partial from done, and who is writing", async () => {
    const runDir = await newRun();
    const fresh = await runStatus(runDir);
    expect(fresh).toMatchObject({ name: "small", protocol: "leakfree", lockedBy: null });
    expect(fresh.stages.map(({ state }) => state)).toEqual(fresh.stages.map(() => "missing"));
    expect(fresh.stages[0]).toMatchObject({ stage: "ingest", tasksDone: 0, tasks: 1 });
    expect(fresh.stages[1]).toMatchObject({ stage: "cuts", tasks: null });

    const ingest = (await stagesOf(settings)).find(({ def }) => def.name === "ingest")?.def;
    const [task] = ingest === undefined ? [] : taskSpecs(ingest, {});
    if (task === undefined) throw new Error("no ingest task");
    await commitTask(runDir, task);
    expect((await runStatus(runDir)).stages[0]).toEqual({
      errors: {},
      stage: "ingest",
      state: "partial",
      tasksDone: 1,
      tasks: 1,
      seconds: 0.5,
      tables: {
        ...{ interactions: 1, items: 1, users: 1, user_dictionary: 1, item_dictionary: 1 },
        ...{ rejects: 1, ingest_counts: 1 },
      },
    });

    await writeStageManifest(runDir, {
      stage: "ingest",
      key: "any",
      inputs: [],
      outputs: task.outputs,
      tasks: 1,
      taskSeconds: 0.5,
      files: task.outputs.flatMap((table) => [part(table, "a"), part(table, "b")]),
    });
    const release = await lockRun(runDir);
    const { stages, lockedBy } = await runStatus(runDir);
    await release();
    expect(stages[0]).toMatchObject({ state: "done", tables: { items: 2 } });
    expect(stages[1]).toMatchObject({ state: "missing", tasksDone: 0, tasks: 1 });
    expect(lockedBy).toContain(`process ${String(process.pid)}`);
  });
});

describe("runPipeline", () => {
  const signal = new AbortController().signal;
  const run = (options: Partial<RunPipelineOptions> & Pick<RunPipelineOptions, "runDir">) =>
    runPipeline({ settings, signal, onEvent: () => undefined, ...options });

  test("refuses --from after --to, before it touches the folder", async () => {
    const runDir = join(await scratchFolder(), "run");
    await expect(run({ runDir, from: "train", to: "samples" })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: "--from train comes after --to samples",
    });
    await expect(readdir(runDir)).rejects.toThrow(/ENOENT/);
  });

  test("refuses to skip stages that are not complete, and leaves the folder unlocked", async () => {
    const runDir = await scratchFolder();
    await expect(run({ runDir, from: "encode" })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: `--from skips stage ingest, but ${runDir} has no complete ingest; run it first, without --from`,
    });
    expect(await readdir(runDir)).toEqual([]);
  });

  test("does not touch a folder that another process writes", async () => {
    const runDir = await newRun();
    const before = await readFile(join(runDir, "pipeline.yaml"), "utf8");
    const release = await lockRun(runDir);
    const other = parsePipeline("name: other", "p.yaml");
    await expect(run({ runDir, settings: other })).rejects.toMatchObject({ code: "RUN_LOCKED" });
    expect(await readFile(join(runDir, "pipeline.yaml"), "utf8")).toBe(before);
    await release();
  });

  test("stops at once when it is told to before the start", async () => {
    const runDir = await scratchFolder();
    await expect(run({ runDir, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "INTERRUPTED",
      message: "interrupted in stage ingest",
    });
    expect((await readdir(runDir)).sort()).toEqual(["pipeline.yaml"]);
  });
});
