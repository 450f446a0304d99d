import { join } from "node:path";
import { namesIn } from "../../../base/files/durable-file.ts";
import type { TaskProgress } from "../../task.ts";
import { readJobState } from "./job-state.ts";
import { readSubmissions } from "./submissions.ts";

/** A job of a run that its driver has submitted and not yet found over. */
export interface RunJob {
  readonly stage: string;
  readonly id: string;
  /** Where it is at work, or was when it told of itself last; null before it has begun. */
  readonly host: string | null;
  /** How many tasks it has. */
  readonly tasks: number;
  /** Progress of its tasks under way, by index. */
  readonly running: Readonly<Record<string, TaskProgress>>;
}

/** The jobs of a run, stage by stage; none while no stage runs as jobs. */
export async function jobsOfRun(runDir: string): Promise<readonly RunJob[]> {
  const jobs: RunJob[] = [];
  for (const stage of await namesIn(join(runDir, "jobs"))) {
    for (const { id, keys } of await readSubmissions(runDir, stage)) {
      const state = await readJobState(runDir, stage, id);
      const { host = null, running = {} } = state ?? {};
      jobs.push({ stage, id, host, tasks: Object.keys(keys).length, running });
    }
  }
  return jobs;
}
