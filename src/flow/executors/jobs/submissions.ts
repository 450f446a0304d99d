/** @file The jobs that a driver has submitted for a stage: `<run>/jobs/<stage>/submitted.json`. A driver started anew finds them there. */
import { readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { nullIfMissing } from "../../../base/files/durable-file.ts";
import { replaceFileIn } from "../../../base/files/folder-in.ts";
import { jsonOrNull } from "../../../base/json.ts";
import { budgetPrefix } from "../../store/shared-budget.ts";
import { jobsFolder } from "./job-state.ts";

const submission = z.object({
  id: z.string(),
  handle: z.string(),
  /** Its tasks: keys by index. */
  keys: z.record(z.string(), z.string()),
});

export type Submission = z.output<typeof submission>;

/** Those of a stage; none where the file is missing or cannot be read: at worst a task is done twice, and committed once. */
export async function readSubmissions(
  runDir: string,
  stage: string,
): Promise<readonly Submission[]> {
  const text = await readFile(pathOf(runDir, stage), "utf8").catch(nullIfMissing);
  return z
    .array(submission)
    .catch([])
    .parse(jsonOrNull(text ?? ""));
}

export async function writeSubmissions(
  runDir: string,
  stage: string,
  submissions: readonly Submission[],
): Promise<void> {
  await replaceFileIn(runDir, pathOf(runDir, stage), `${JSON.stringify(submissions)}\n`);
}

/** Forgets the jobs of a stage that is done: what they told of themselves and took of the budget, and what the driver noted. Logs stay. */
export async function forgetJobs(runDir: string, stage: string): Promise<void> {
  const folder = jobsFolder(runDir, stage);
  const names = await readdir(folder).catch(nullIfMissing);
  for (const name of names ?? []) {
    if (name.endsWith(".json")) await rm(join(folder, name), { force: true });
  }
  await forgetBudget(runDir, stage);
}

/** Lets what jobs of a stage took of the budget count no longer: what they spent is among the answers that they kept. */
export async function forgetBudget(runDir: string, stage: string): Promise<void> {
  await rm(join(runDir, ...budgetPrefix(stage).split("/")), { recursive: true, force: true });
}

function pathOf(runDir: string, stage: string): string {
  return join(jobsFolder(runDir, stage), "submitted.json");
}
