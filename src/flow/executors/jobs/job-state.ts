/** @file What a job tells of itself: `<run>/jobs/<stage>/<id>.json`, replaced every few seconds while it works. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { nullIfMissing } from "../../../base/files/durable-file.ts";
import { replaceFileIn } from "../../../base/files/folder-in.ts";
import { jsonOrNull } from "../../../base/json.ts";
import type { TaskProgress } from "../../task.ts";

const taskProgress = z.object({
  rowsDone: z.number(),
  rowsTotal: z.number().optional(),
  unit: z.string().optional(),
  detail: z.record(z.string(), z.string()).optional(),
  notes: z.array(z.string()).optional(),
});

const jobState = z.object({
  host: z.string(),
  pid: z.int(),
  /** Counts the times this was written: what has not risen for long is dead. */
  beat: z.int().min(0),
  isEnded: z.boolean(),
  /** Progress of the tasks under way, by index. */
  running: z.record(
    z.string(),
    z.custom<TaskProgress>((value) => taskProgress.safeParse(value).success),
  ),
  /** Indices of the tasks that are committed, as `formatIndices` writes them. */
  done: z.string(),
  /** Why a task failed, by index. `code` is that of a FlowError. */
  failed: z.record(z.string(), z.object({ code: z.string().nullable(), message: z.string() })),
});

/** A job's word about itself. Only manifests prove that its tasks are done. */
export type JobState = z.output<typeof jobState>;

/** How often a job writes its state, ms. */
export const beatMs = 3_000;

/** Writes the state of a job over the last one. */
export async function writeJobState(
  runDir: string,
  stage: string,
  id: string,
  state: JobState,
): Promise<void> {
  await replaceFileIn(runDir, statePath(runDir, stage, id), `${JSON.stringify(state)}\n`);
}

/** Null before a job has begun, and where its file cannot be read. */
export async function readJobState(
  runDir: string,
  stage: string,
  id: string,
): Promise<JobState | null> {
  const text = await readFile(statePath(runDir, stage, id), "utf8").catch(nullIfMissing);
  const found = jobState.safeParse(jsonOrNull(text ?? ""));
  return found.success ? found.data : null;
}

/** Folder of a stage's jobs. */
export function jobsFolder(runDir: string, stage: string): string {
  return join(runDir, "jobs", stage);
}

/** What a job prints goes here. */
export function jobLog(runDir: string, stage: string, id: string): string {
  return join(jobsFolder(runDir, stage), `${id}.log`);
}

const mostLastLines = 12;

/** The last lines that a job printed; null where there are none. */
export async function lastWords(runDir: string, stage: string, id: string): Promise<string | null> {
  const text = await readFile(jobLog(runDir, stage, id), "utf8").catch(nullIfMissing);
  const lines = text?.trimEnd().split("\n").slice(-mostLastLines).join("\n") ?? "";
  return lines === "" ? null : lines;
}

function statePath(runDir: string, stage: string, id: string): string {
  return join(jobsFolder(runDir, stage), `${id}.json`);
}
