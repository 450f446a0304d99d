/**
 * @file Where a task keeps what it needs to go on after a kill: `<run>/checkpoints/<stage>/<task key>.*`. A checkpoint outlives
 * attempts and runs; it goes when its task is committed, or is no longer a task of its stage.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { namesIn } from "../base/durable-file.ts";
import type { TaskSpec } from "./task.ts";

const folderOf = (runDir: string, stage: string): string => join(runDir, "checkpoints", stage);

/**
 * Absolute path of a task's checkpoint; the task writes it as a whole.
 *
 * @param extension - With its dot
 */
export function checkpointPath(
  runDir: string,
  { stage, key }: Pick<TaskSpec, "stage" | "key">,
  extension: string,
): string {
  return join(folderOf(runDir, stage), `${key}${extension}`);
}

/** Deletes the stage's checkpoints of all tasks but some, and what kills left of them. */
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
