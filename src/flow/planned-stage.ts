/** @file The tasks of a stage as processes elsewhere find them: `<run>/plans/<stage>.json`. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { FlowError } from "../base/errors.ts";
import { nullIfMissing } from "../base/files/durable-file.ts";
import { replaceFileIn } from "../base/files/folder-in.ts";
import { jsonOrNull, type Json } from "../base/json.ts";
import { packageVersion } from "../base/package-version.ts";
import { damaged } from "./file-check.ts";
import { fileRef } from "./file-ref.ts";
import type { StageDef } from "./stage.ts";
import type { TaskSpec } from "./task.ts";

/** A stage whose tasks other processes may run. */
export interface PlannedStage {
  /** The version of r4ec that planned it: another one might do the same work differently. */
  readonly r4ec: string;
  readonly stage: string;
  readonly threads: StageDef["threads"];
  /** How many processes may run its tasks at a time. */
  readonly jobsAtOnce: number;
  /** Those that were not committed when the plan was made. */
  readonly tasks: readonly TaskSpec[];
}

const json = z.custom<Json>((value) => value !== undefined);

const taskSpec = z.object({
  ...{ stage: z.string(), index: z.int().min(0), key: z.string() },
  ...{ module: z.string(), export: z.string(), config: json, runtime: json, params: json },
  outputs: z.array(z.string()),
  artifacts: z.array(z.string()).optional(),
  inputs: z.record(z.string(), z.array(fileRef)),
});

const plannedStage = z.object({
  r4ec: z.string(),
  stage: z.string(),
  threads: z.union([z.int().min(1), z.enum(["all", "waiting"])]),
  jobsAtOnce: z.int().min(1),
  tasks: z.array(taskSpec),
});

/** Writes the plan of a stage over an earlier one. The caller holds the run's lock. */
export async function writePlannedStage(
  runDir: string,
  { name, threads }: Pick<StageDef, "name" | "threads">,
  { tasks, jobsAtOnce }: Pick<PlannedStage, "tasks" | "jobsAtOnce">,
): Promise<void> {
  const plan: PlannedStage = {
    ...{ r4ec: await packageVersion(), stage: name },
    ...{ threads, jobsAtOnce, tasks },
  };
  await replaceFileIn(runDir, pathOf(runDir, name), `${JSON.stringify(plan)}\n`);
}

/** @throws `RUN_INVALID` for a stage that has no plan, or a damaged one; `CONFIG_INVALID` for one of another version of r4ec */
export async function readPlannedStage(runDir: string, stage: string): Promise<PlannedStage> {
  const path = pathOf(runDir, stage);
  const text = await readFile(path, "utf8").catch(nullIfMissing);
  if (text === null) {
    throw new FlowError(
      "RUN_INVALID",
      `there is no plan ${path}: a run with runtime.executor array, slurm or ray writes it when the stage ${stage} begins`,
    );
  }
  const found = plannedStage.safeParse(jsonOrNull(text));
  if (!found.success || found.data.stage !== stage) {
    throw damaged(runDir, path, "it is not the plan of this stage, whole as it was written");
  }
  const { r4ec } = found.data;
  const own = await packageVersion();
  if (r4ec !== own) {
    throw new FlowError(
      "CONFIG_INVALID",
      `${path} was written by r4ec ${r4ec}, and this is r4ec ${own}: install r4ec ${r4ec} here, or run the pipeline with this version`,
    );
  }
  return { ...found.data, tasks: found.data.tasks.map(withoutAbsent) };
}

function withoutAbsent({ artifacts, inputs, ...task }: z.output<typeof taskSpec>): TaskSpec {
  return { ...task, ...(artifacts && { artifacts }), inputs: inputs as TaskSpec["inputs"] };
}

function pathOf(runDir: string, stage: string): string {
  return join(runDir, "plans", `${stage}.json`);
}
