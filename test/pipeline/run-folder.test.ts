import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { claimFolder, markOf } from "../../src/flow/run-mark.ts";
import { lockRun } from "../../src/flow/run-lock.ts";
import { writeStageManifest } from "../../src/flow/stage-manifest.ts";
import { taskSpecs } from "../../src/flow/task-key.ts";
import { parsePipeline } from "../../src/pipeline/load-pipeline.ts";
import {
  fileOf,
  makeRunFolder,
  readRunSettings,
  requireRun,
  runCatalog,
  writeRunSettings,
} from "../../src/pipeline/run-folder.ts";
import { runPipeline, type RunPipelineOptions } from "../../src/pipeline/run-pipeline.ts";
import { runStatus } from "../../src/pipeline/run-status.ts";
import { stagesOf } from "../../src/pipeline/stages.ts";
import { commitTask, manifestOf, part } from "../flow/stage-of.ts";
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
    const mark = await readFile(join(runDir, "r4ec-run.json"), "utf8");
    expect(JSON.parse(mark)).toMatchObject({ kind: "run", format: 1 });
    await makeRunFolder(runDir);
    expect(await readdir(runDir)).toEqual(["r4ec-run.json"]);
    expect(await readFile(join(runDir, "r4ec-run.json"), "utf8")).toBe(mark);
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

describe("makeRunFolder on a folder that is there", () => {
  const put = async (folder: string, files: Readonly<Record<string, string>>): Promise<void> => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
  };
  const full = stringify(fileOf(settings));
  const key = "ab".repeat(32);
  const manifest = JSON.stringify(manifestOf({ stage: "ingest", key, index: 0 }, []));

  test.each<[string, Readonly<Record<string, string>>]>([
    ["an empty one", {}],
    ["that of a start that was killed", { "lock.5f0c0e5e-0000-4000-8000-000000000000": "" }],
    ["the root of a new disk", { "lost+found/x": "" }],
    [
      "a run of before there were marks",
      { "pipeline.yaml": full, [`manifests/ingest/${key}.json`]: manifest, "mine.txt": "" },
    ],
    [
      "one of those that was stopped before its first commit",
      {
        "pipeline.yaml": full,
        lock: "{}",
        "tables/items/part-00000.0123abcd.parquet": "half",
        "tmp/0123abcd/spill": "",
      },
    ],
  ])("takes %s", async (_what, files) => {
    const runDir = await scratchFolder();
    await put(runDir, files);
    await makeRunFolder(runDir);
    await requireRun(runDir);
    expect(await readdir(runDir)).toContain("r4ec-run.json");
    expect(await readdir(runDir, { recursive: true })).toEqual(
      expect.arrayContaining(Object.keys(files)),
    );
  });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ["with notes", { "notes.txt": "" }, "notes.txt"],
    ["with tables", { "tables/mine/part-0.parquet": "", "tmp/x": "" }, "tables, tmp"],
    [
      "of another tool",
      { "checkpoints/train/best.pt": "", "pipeline.yaml": "steps: []" },
      "checkpoints, pipeline.yaml",
    ],
    [
      "of a project",
      { "pipeline.yaml": "name: mine\ntrain: {}", "report/index.html": "" },
      "pipeline.yaml, report",
    ],
    [
      "with the settings of a run copied into it",
      { "pipeline.yaml": full, "src/main.ts": "" },
      "pipeline.yaml, src",
    ],
    [
      "with those and tables",
      { "pipeline.yaml": full, "tables/mine/part-0.parquet": "" },
      "pipeline.yaml, tables",
    ],
    [
      "with those and a manifest of its own",
      { "pipeline.yaml": full, "manifests/web/app.json": "{}", "index.html": "" },
      "index.html, manifests, pipeline.yaml",
    ],
    [
      "with many files",
      { a: "", b: "", c: "", d: "", e: "", f: "", g: "" },
      "a, b, c, d, e and 2 more",
    ],
    ["with a torn mark and more", { "r4ec-run.json": "{", "notes.txt": "" }, "notes.txt"],
  ])("refuses one %s, naming what is in the way", async (_what, files, named) => {
    const runDir = await scratchFolder();
    await put(runDir, files);
    const before = (await readdir(runDir, { recursive: true })).sort();
    await expect(
      runPipeline({
        settings,
        runDir,
        signal: new AbortController().signal,
        onEvent: () => undefined,
      }),
    ).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: `${runDir} is not a folder that r4ec made, and it is not empty: it holds ${named}. Nothing in it was changed. Choose another with --out.`,
    });
    expect((await readdir(runDir, { recursive: true })).sort()).toEqual(before);
    for (const [path, text] of Object.entries(files)) {
      expect(await readFile(join(runDir, path), "utf8")).toBe(text);
    }
  });

  test("refuses the work folder of r4ec encode", async () => {
    const runDir = await scratchFolder();
    await claimFolder(runDir, "encode", { isFormer: () => Promise.resolve(false), cure: "" });
    await expect(makeRunFolder(runDir)).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: expect.stringContaining(
        "is the folder of r4ec encode by its r4ec-run.json",
      ) as unknown,
    });
  });

  test("writes a torn mark again in the folder of a run", async () => {
    const runDir = await scratchFolder();
    await put(runDir, { "r4ec-run.json": "{", "pipeline.yaml": full });
    await makeRunFolder(runDir);
    expect(await markOf(runDir)).toBe("run");
  });
});

describe("readRunSettings", () => {
  test("gives back what was written", async () => {
    const runDir = await scratchFolder();
    await makeRunFolder(runDir);
    await writeRunSettings(runDir, settings);
    expect(await readRunSettings(runDir)).toEqual(settings);
  });

  test.each<[string, (text: string) => string, string]>([
    ["empty", () => "", "cut short or not those of a run"],
    [
      "cut at the end of a line",
      (text) => text.slice(0, text.indexOf("\nruntime") + 1),
      "cut short",
    ],
    ["cut by its last line", (text) => text.replace("# end of the settings\n", ""), "cut short"],
    ["broken", (text) => text.replace("name: small", "name: [small"), "no settings of a run"],
    ["with an unknown key", (text) => `nam: 1\n${text}`, "no settings of a run"],
  ])("names settings that are %s, and the cure", async (_what, damage, fault) => {
    const runDir = await scratchFolder();
    await makeRunFolder(runDir);
    await writeRunSettings(runDir, settings);
    const path = join(runDir, "pipeline.yaml");
    await writeFile(path, damage(await readFile(path, "utf8")));
    const error = {
      code: "RUN_INVALID",
      message: expect.stringMatching(
        new RegExp(`^${path}: .*${fault}[^]*Run the pipeline file of this run again with --out`),
      ) as unknown,
    };
    await expect(readRunSettings(runDir)).rejects.toMatchObject(error);
    await expect(runStatus(runDir)).rejects.toMatchObject(error);
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
    expect(fresh.stages[1]).toMatchObject({ stage: "fingerprint", tasks: null });

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
    expect(await readdir(runDir)).toEqual(["r4ec-run.json"]);
  });

  test("refuses to repair without looking at every stage", async () => {
    const runDir = join(await scratchFolder(), "run");
    await expect(run({ runDir, from: "train", isRepair: true })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: "--repair looks at every stage: leave out --from, finished work is kept anyway",
    });
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
    expect((await readdir(runDir)).sort()).toEqual(["pipeline.yaml", "r4ec-run.json"]);
  });
});
