import { FlowError } from "../../base/errors.ts";
import type { Executor } from "../../flow/executor.ts";
import { commandEngine } from "../../flow/executors/jobs/command-engine.ts";
import { ownProgram } from "../../flow/executors/jobs/job-command.ts";
import { jobExecutor } from "../../flow/executors/jobs/job-executor.ts";
import { slurmEngine } from "../../flow/executors/jobs/slurm-engine.ts";
import type { ExecutorSetting } from "./executor-settings.ts";
import {
  followingExecutor,
  jobPrefixes,
  publishingExecutor,
} from "../../flow/store/publishing-executor.ts";
import type { WorkingCopy } from "../../flow/store/working-copy.ts";
import type { StageName } from "../pipeline-stage.ts";

export interface ExecutorChoice {
  readonly executor: ExecutorSetting;
  /** The run's name. */
  readonly name: string;
  readonly groupOf: (stage: string) => StageName | undefined;
  /** What runs the tasks that stay in this process. */
  readonly local: Executor;
  readonly runDir: string;
  /** Of the run, where `runDir` is a working copy. */
  readonly copy: WorkingCopy | undefined;
}

/** The executor of a run: jobs for the stages that the setting names, `local` for the others. */
export function createExecutor(choice: ExecutorChoice): Executor {
  const { executor, name, groupOf, runDir, copy } = choice;
  const local = copy === undefined ? choice.local : publishingExecutor(choice.local, copy);
  if (executor === "local") return local;
  if (copy !== undefined && "slurm" in executor) {
    throw new FlowError(
      "CONFIG_INVALID",
      `runtime.executor.slurm keeps the logs of jobs in a run folder that all nodes see, and ${copy.name} is in a store: give --out a folder ` +
        "of the cluster's file system, or run jobs by runtime.executor.array",
    );
  }
  const settings = "array" in executor ? executor.array : executor.slurm;
  const run = copy?.name ?? runDir;
  const program = settings.program ?? ownProgram();
  const engine =
    "array" in executor
      ? commandEngine({ ...executor.array, runDir, run, program })
      : slurmEngine({ ...executor.slurm, runDir, run, program, name });
  const inFolder = jobExecutor({
    ...{ runDir, engine, tasksPerJob: settings.tasksPerJob, tries: settings.tries },
    atOnce: settings.atOnce,
    ...(copy && {
      publishPlan: () => copy.push(),
      takeOver: (stage: string) => copy.pull(jobPrefixes(stage)),
    }),
    resourcesOf: ({ name: stage }) => {
      const group = groupOf(stage);
      return (group === undefined ? undefined : settings.resources[group]) ?? {};
    },
  });
  const jobs = copy === undefined ? inFolder : followingExecutor(inFolder, copy);
  // A stage of the same group by another name, such as compare, only sums up.
  const isJob = (stage: string): boolean => {
    const group = groupOf(stage);
    if (group === undefined || !settings.stages.includes(group)) return false;
    return stage === group || stage.startsWith(`${group}-`);
  };
  return {
    run: (stage, tasks, options) => (isJob(stage.name) ? jobs : local).run(stage, tasks, options),
    close: () => local.close(),
  };
}
