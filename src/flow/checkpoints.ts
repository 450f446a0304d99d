/**
 * @file Checkpoints, from which a task resumes after a kill: `<run>/checkpoints/<stage>/<task key>.*`. A checkpoint survives attempts
 * and runs; it is deleted when its task is committed or is no longer part of its stage.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { namesIn } from "../base/durable-file.ts";
import type { TaskSpec } from "./task.ts";

const folderOf = (runDir: string, stage: string): string => join(runDir, "checkpoints", stage);

/**
 * Absolute path of a task's checkpoint, which the task must replace atomically.
 *
 * @param extension - Including the dot
 */
export function checkpointPath(
  runDir: string,
  { stage, key }: Pick<TaskSpec, "stage" | "key">,
  extension: string,
): string {
  return join(folderOf(runDir, stage), `${key}${extension}`);
}

/** Deletes a stage's checkpoints, leftovers of killed attempts included, except those of tasks to keep. */
export async function dropCheckpoints(
  runDir: string,
  stage: string,
  isKept: (taskKey: string) => boolean,
): Promise<void> {
  const folder = folderOf(runDir, stage);
  for (const name of await namesIn(folder)) {
    const [key = ""] = name.split(".");
    if (!isKept(key)) await rm(join(folder, name), { force: true });
  }
}
