import { noWish } from "../base/retry-policy.ts";
import { jobsOfRun, type RunJob } from "../flow/executors/jobs/jobs-of-run.ts";
import { fileCommitStore, type TaskManifest } from "../flow/manifest.ts";
import { errorsIn, type ErrorCounts } from "../flow/outcomes.ts";
import { lockHolder } from "../flow/run-lock.ts";
import { catalogOf, readStageManifests, type StageManifest } from "../flow/stage-manifest.ts";
import { feeds, inputsOf } from "../flow/stage.ts";
import { taskSpecs } from "../flow/task-key.ts";
import type { FileRef } from "../flow/task.ts";
import { readRunSettings } from "./run-folder.ts";
import type { Identify, PipelineStage } from "./pipeline-stage.ts";
import { stagesOf } from "./stages.ts";

/** How far a stage is. `tasks` is null while its inputs are missing and it cannot be planned. */
export interface StageStatus {
  readonly stage: string;
  readonly state: "done" | "partial" | "missing";
  readonly tasksDone: number;
  readonly tasks: number | null;
  /** Summed time of the finished tasks. */
  readonly seconds: number;
  /** Rows by table. */
  readonly tables: Readonly<Record<string, number>>;
  /** Rows that hold an error instead of an answer, by kind. */
  readonly errors: ErrorCounts;
}

export interface RunStatus {
  readonly name: string;
  readonly protocol: string;
  readonly stages: readonly StageStatus[];
  readonly lockedBy: string | null;
  /** Jobs on this or other machines that are queued or at work. */
  readonly jobs: readonly RunJob[];
}

/** What a run folder holds of the pipeline it was last run with. */
export async function runStatus(runDir: string): Promise<RunStatus> {
  const settings = await readRunSettings(runDir);
  const complete = await readStageManifests(runDir);
  const committed = await fileCommitStore(runDir).all();
  // Finished stages count even if the log or encoder they were made from is gone.
  const identify: Identify = (_, find) => find().catch(() => null);
  const stages = await stagesOf(
    settings,
    identify,
    noWish,
    complete.map(({ stage }) => stage),
  );
  return {
    name: settings.name,
    protocol: settings.protocol,
    stages: stages.map((stage, place) =>
      stageStatus(stage, stages.slice(0, place), complete, committed),
    ),
    lockedBy: await lockHolder(runDir),
    jobs: await jobsOfRun(runDir),
  };
}

function stageStatus(
  { def }: PipelineStage,
  before: readonly PipelineStage[],
  complete: readonly StageManifest[],
  committed: readonly TaskManifest[],
): StageStatus {
  const done = complete.find((manifest) => manifest.stage === def.name);
  if (done !== undefined) {
    const { tasks, taskSeconds: seconds, files } = done;
    return {
      stage: def.name,
      state: "done",
      tasksDone: tasks,
      tasks,
      seconds,
      tables: rowsByTable(files),
      errors: errorsIn(files),
    };
  }
  const sources = before.map((stage) => stage.def).filter((source) => feeds(source, def));
  const made = complete.filter(({ stage }) => sources.some(({ name }) => name === stage));
  if (made.length < sources.length) {
    const nothing = { tasksDone: 0, tasks: null, seconds: 0, tables: {}, errors: {} };
    return { stage: def.name, state: "missing", ...nothing };
  }
  const keys = new Set(taskSpecs(def, inputsOf(def, catalogOf(made))).map((task) => task.key));
  const found = committed.filter((manifest) => keys.has(manifest.key));
  return {
    stage: def.name,
    state: found.length > 0 ? "partial" : "missing",
    tasksDone: found.length,
    tasks: keys.size,
    seconds: found.reduce((sum, manifest) => sum + manifest.seconds, 0),
    tables: rowsByTable(found.flatMap((manifest) => manifest.files)),
    errors: errorsIn(found.flatMap((manifest) => manifest.files)),
  };
}

function rowsByTable(files: readonly FileRef[]): Readonly<Record<string, number>> {
  const rows: Record<string, number> = {};
  for (const file of files) rows[file.table] = (rows[file.table] ?? 0) + file.rows;
  return rows;
}
