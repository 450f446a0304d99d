/**
 * @file Checkpoints, from which a task resumes after a kill: `<run>/checkpoints/<stage>/<task key>.*`. A checkpoint survives attempts
 * and runs; it is deleted when its task is committed or is no longer part of its stage.
 */
import { join } from "node:path";
import { ownNames, removeOwnFile } from "../base/files/own-names.ts";
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

/** `<task key>.<extension>`, or what a kill left of writing it. */
const checkpointName = /^([0-9a-f]{64})\.\w+(\.[0-9a-f-]+\.tmp)?$/;

/**
 * Deletes a stage's checkpoints, leftovers of killed attempts included, except those of tasks to keep. Whatever else lies there stays.
 */
export async function dropCheckpoints(
  runDir: string,
  stage: string,
  isKept: (taskKey: string) => boolean,
): Promise<void> {
  for (const name of await ownNames(runDir, "checkpoints", stage)) {
    const [, key] = checkpointName.exec(name) ?? [];
    if (key !== undefined && !isKept(key)) {
      await removeOwnFile(runDir, `checkpoints/${stage}/${name}`);
    }
  }
}
