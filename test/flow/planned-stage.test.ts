import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packageVersion } from "../../src/base/package-version.ts";
import { readPlannedStage, writePlannedStage } from "../../src/flow/planned-stage.ts";
import { taskSpecs } from "../../src/flow/task-key.ts";
import { scratchFolder } from "../util/scratch-folder.ts";
import { numbered, part, stageOf } from "./stage-of.ts";

const stage = stageOf({
  name: "words",
  threads: "waiting",
  inputs: ["letters"],
  artifacts: ({ key }) => [`models/${key}`],
  plan: () =>
    numbered(3)().map((plan) => ({ ...plan, inputs: { letters: [part("letters", "a")] } })),
});

describe("the plan of a stage", () => {
  test("tells a process elsewhere all that it needs to run a task", async () => {
    const runDir = await scratchFolder();
    const tasks = taskSpecs(stage, {});
    await writePlannedStage(runDir, stage, { tasks: tasks.slice(1), jobsAtOnce: 3 });
    expect(await readPlannedStage(runDir, "words")).toEqual({
      r4ec: await packageVersion(),
      stage: "words",
      threads: "waiting",
      jobsAtOnce: 3,
      tasks: tasks.slice(1),
    });
  });

  test("is refused by another version of r4ec, which names both", async () => {
    const runDir = await scratchFolder();
    await writePlannedStage(runDir, stage, { tasks: [], jobsAtOnce: 1 });
    const path = join(runDir, "plans", "words.json");
    const own = await packageVersion();
    await writeFile(path, (await readFile(path, "utf8")).replace(own, "9.9.9"));
    await expect(readPlannedStage(runDir, "words")).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: `${path} was written by r4ec 9.9.9, and this is r4ec ${own}: install r4ec 9.9.9 here, or run the pipeline with this version`,
    });
  });

  test("is an error that says so where it is missing or cut short", async () => {
    const runDir = await scratchFolder();
    await expect(readPlannedStage(runDir, "words")).rejects.toThrow(
      /there is no plan .*words\.json/,
    );
    await writePlannedStage(runDir, stage, { tasks: taskSpecs(stage, {}), jobsAtOnce: 1 });
    const path = join(runDir, "plans", "words.json");
    await writeFile(path, (await readFile(path, "utf8")).slice(0, 40));
    await expect(readPlannedStage(runDir, "words")).rejects.toMatchObject({ code: "RUN_INVALID" });
  });
});
