import { z } from "zod";
import { stageNames, type StageName } from "../pipeline-stage.ts";

const resources = z.strictObject({
  cpus: z
    .int()
    .min(1)
    .optional()
    .describe("Cores of a job. Default: those that its machine gives it."),
  memoryMb: z.int().min(512).optional().describe("Memory of a job, MiB; half of it is for SQL."),
  gpus: z.int().min(0).optional().describe("GPUs of a job."),
});

const jobs = {
  stages: z
    .array(z.enum(stageNames))
    .min(1)
    .readonly()
    .default(["construct", "finetune", "knowledge", "encode", "train"])
    .describe(
      "Stages whose tasks run as jobs. The others run in the process that started the run.",
    ),
  tasksPerJob: z
    .int()
    .min(1)
    .default(1)
    .describe("Tasks that one job runs; more where they are short."),
  tries: z
    .int()
    .min(1)
    .default(3)
    .describe(
      "How often a task is submitted whose jobs are lost: that end without a word, or tell nothing for a minute.",
    ),
  resources: z
    .partialRecord(z.enum(stageNames), resources)
    .default({})
    .describe("What a job of a stage needs, by stage."),
  program: z
    .string()
    .min(1)
    .optional()
    .describe(
      "What starts r4ec where a job runs, such as npx r4ec. Default: this Node and this installation, by their paths here.",
    ),
};

const array = z
  .strictObject({
    command: z
      .string()
      .min(1)
      .refine((text) => /\{task\}|\{index\}/.test(text), "must contain {task} or {index}")
      .default("{task}")
      .describe(
        "Shell command that runs a job. {task} is the job's command line (r4ec task …), {index} the indices of its tasks.",
      ),
    atOnce: z.int().min(1).default(4).describe("Most commands at a time."),
    ...jobs,
  })
  .describe("A shell command per job: another machine by ssh, a container, a scheduler's client.");

const slurm = z
  .strictObject({
    partition: z.string().min(1).optional().describe("Default: the cluster's own."),
    account: z.string().min(1).optional().describe("Whom the jobs are charged to."),
    time: z.string().min(1).optional().describe("Time limit of a job, as sbatch takes it."),
    atOnce: z.int().min(1).optional().describe("Most jobs of an array at a time."),
    arraySize: z
      .int()
      .min(1)
      .default(1000)
      .describe("Most jobs of an array (MaxArraySize of the cluster)."),
    arguments: z
      .array(z.string())
      .readonly()
      .default([])
      .describe("Further arguments of sbatch, such as --constraint=a100."),
    ...jobs,
  })
  .describe("Job arrays of Slurm, submitted from a machine that has sbatch.");

const json = z.record(z.string(), z.json());

const ray = z
  .strictObject({
    address: z
      .url({ protocol: /^https?$/ })
      .default("http://127.0.0.1:8265")
      .describe("Of the head's dashboard, where the Jobs API is."),
    headers: z
      .record(z.string(), z.string())
      .default({})
      .describe(
        "Sent to the Jobs API, such as authorization; ${NAME} stands for an environment variable.",
      ),
    python: z
      .string()
      .min(1)
      .default("python3")
      .describe("What starts a Python that has Ray, on the head."),
    runtimeEnv: json
      .default({})
      .describe(
        "Runtime environment of the tasks, as Ray takes it: env_vars, working_dir (an address), image_uri. In env_vars, ${NAME} stands for an " +
          "environment variable here.",
      ),
    options: json
      .default({})
      .describe(
        "Further options of the Ray tasks, such as { accelerator_type: A100 }; resources gives num_cpus (1), memory and num_gpus.",
      ),
    atOnce: z.int().min(1).optional().describe("Most jobs of a submission at a time."),
    ...jobs,
  })
  .describe("Tasks of a Ray cluster, submitted by its Jobs API.");

/** `runtime.executor`: who runs the tasks. */
export const executorSetting = z
  .union([
    z.literal("local"),
    z.strictObject({ array }),
    z.strictObject({ slurm }),
    z.strictObject({ ray }),
  ])
  .default("local")
  .describe(
    "Who runs the tasks: local, worker threads of this process; array, a command per job; slurm, arrays of Slurm; ray, tasks of a Ray cluster. Jobs need the run " +
      "folder, and every path of the pipeline file, at the same path as here.",
  );

export type ExecutorSetting = z.output<typeof executorSetting>;
export type RaySetting = z.output<typeof ray>;

/** Name and settings of the executor whose jobs run tasks; null where this process runs all. */
export function jobSettings(executor: ExecutorSetting) {
  if (executor === "local") return null;
  if ("array" in executor) return { name: "array", settings: executor.array } as const;
  if ("slurm" in executor) return { name: "slurm", settings: executor.slurm } as const;
  return { name: "ray", settings: executor.ray } as const;
}

/**
 * Whether the tasks of a stage run as jobs, where those of these groups do: a stage of the same group by another name, such as compare,
 * only sums up.
 */
export function runsAsJobs(
  groups: readonly StageName[],
  stage: string,
  group: StageName | undefined,
): boolean {
  if (group === undefined || !groups.includes(group)) return false;
  return stage === group || stage.startsWith(`${group}-`);
}
