import { FlowError } from "../../base/errors.ts";
import type { Executor } from "../../flow/executor.ts";
import { commandEngine } from "../../flow/executors/jobs/command-engine.ts";
import { ownProgram } from "../../flow/executors/jobs/job-command.ts";
import type { JobEngine } from "../../flow/executors/jobs/job-engine.ts";
import { jobExecutor } from "../../flow/executors/jobs/job-executor.ts";
import { rayEngine } from "../../flow/executors/jobs/ray-engine.ts";
import { slurmEngine } from "../../flow/executors/jobs/slurm-engine.ts";
import { jobSettings, runsAsJobs, type ExecutorSetting } from "./executor-settings.ts";
import { withVariables } from "./ray-variables.ts";
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
  const { executor, groupOf, runDir, copy } = choice;
  const local = copy === undefined ? choice.local : publishingExecutor(choice.local, copy);
  const found = jobSettings(executor);
  if (executor === "local" || found === null) return local;
  if (copy !== undefined && "slurm" in executor) {
    throw new FlowError(
      "CONFIG_INVALID",
      `runtime.executor.slurm keeps the logs of jobs in a run folder that all nodes see, and ${copy.name} is in a store: give --out a folder ` +
        "of the cluster's file system, or run jobs by runtime.executor.array or ray",
    );
  }
  const { settings } = found;
  const run = copy?.name ?? runDir;
  const site = { runDir, run, program: settings.program ?? ownProgram() };
  const inFolder = jobExecutor({
    ...{ runDir, engine: engineOf(executor, choice, site) },
    ...{ tasksPerJob: settings.tasksPerJob, tries: settings.tries },
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
  return {
    run: (stage, tasks, options) => {
      const isJob = runsAsJobs(settings.stages, stage.name, groupOf(stage.name));
      return (isJob ? jobs : local).run(stage, tasks, options);
    },
    close: () => local.close(),
  };
}

function engineOf(
  executor: Exclude<ExecutorSetting, "local">,
  { name, copy }: ExecutorChoice,
  site: { readonly runDir: string; readonly run: string; readonly program: string },
): JobEngine {
  if ("array" in executor) return commandEngine({ ...executor.array, ...site });
  if ("slurm" in executor) return slurmEngine({ ...executor.slurm, ...site, name });
  return rayEngine({ ...withVariables(executor.ray), ...site, name, isShared: copy === undefined });
}
