import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { promisify } from "node:util";
import { FlowError, reasonOf } from "../../../base/errors.ts";
import { hasCode } from "../../../base/files/durable-file.ts";
import { shellWord } from "../../../base/shell-word.ts";
import { jobCommand } from "./job-command.ts";
import type { Job, JobEngine, SubmittedJob } from "./job-engine.ts";
import { jobsFolder } from "./job-state.ts";

export interface SlurmEngineOptions {
  readonly runDir: string;
  /** The run as a job is told of it: its folder, or its place in a store. */
  readonly run: string;
  /** Name of the run, shown by squeue. */
  readonly name: string;
  readonly program: string;
  /** Default: the cluster's own. */
  readonly partition?: string | undefined;
  readonly account?: string | undefined;
  /** As sbatch takes it. Default: the partition's. */
  readonly time?: string | undefined;
  /** Most jobs of an array; clusters allow 1,000 unless they say otherwise (MaxArraySize). */
  readonly arraySize: number;
  /** Most jobs of an array at work at a time. Default: as many as the cluster has room for. */
  readonly atOnce?: number | undefined;
  /** Further arguments of sbatch. */
  readonly arguments: readonly string[];
}

const run = promisify(execFile);

/**
 * Submits jobs as arrays of Slurm with `sbatch`, which must be installed where the driver runs. The run folder must be at the same path on
 * the driver's machine and on the nodes. Jobs are not requeued by Slurm: the driver submits again what is missing.
 */
export function slurmEngine(options: SlurmEngineOptions): JobEngine {
  const { runDir, run, name, arraySize } = options;

  /** Jobs that need the same, so that one array can have them. */
  const submitArray = async (jobs: readonly Job[]): Promise<readonly SubmittedJob[]> => {
    const [first] = jobs;
    if (first === undefined) return [];
    await mkdir(jobsFolder(runDir, first.stage), { recursive: true });
    const { cpus, memoryMb, gpus } = first.resources;
    const most = options.atOnce === undefined ? "" : `%${options.atOnce}`;
    const script = [
      "#!/bin/sh",
      `ids=${shellWord(jobs.map(({ id }) => id).join(" "))}`,
      `indices=${shellWord(jobs.map(({ indices }) => indices).join(" "))}`,
      'pick() { shift "$SLURM_ARRAY_TASK_ID"; echo "$1"; }',
      "id=$(pick $ids)",
      "index=$(pick $indices)",
      `exec >>${shellWord(jobsFolder(runDir, first.stage))}/"$id".log 2>&1`,
      `exec ${jobCommand(options.program, run, { ...first, id: '"$id"', indices: '"$index"' })}`,
    ].join("\n");
    const words = [
      ...["--parsable", "--no-requeue", `--job-name=r4ec-${name}-${first.stage}`],
      ...[`--array=0-${jobs.length - 1}${most}`, "--output=/dev/null", "--signal=INT@30"],
      ...(options.partition === undefined ? [] : [`--partition=${options.partition}`]),
      ...(options.account === undefined ? [] : [`--account=${options.account}`]),
      ...(options.time === undefined ? [] : [`--time=${options.time}`]),
      ...(cpus === undefined ? [] : [`--cpus-per-task=${cpus}`]),
      ...(memoryMb === undefined ? [] : [`--mem=${memoryMb}M`]),
      ...(gpus === undefined ? [] : [`--gpus-per-task=${gpus}`]),
      ...options.arguments,
    ];
    const answer = await sbatch(words, script);
    const [array = ""] = answer.trim().split(";");
    return jobs.map(({ id }, place) => ({ id, handle: `${array}_${place}` }));
  };

  return {
    submit: async (jobs) => {
      const submitted: SubmittedJob[] = [];
      for (let at = 0; at < jobs.length; at += arraySize) {
        submitted.push(...(await submitArray(jobs.slice(at, at + arraySize))));
      }
      return submitted;
    },
    alive: async (handles) => {
      if (handles.length === 0) return new Set();
      const arrays = [...new Set(handles.map((handle) => handle.split("_")[0] ?? ""))];
      const words = ["--noheader", "--array", "--format=%F_%K %T", `--jobs=${arrays.join()}`];
      const text = await slurm("squeue", words).catch((error: unknown) => {
        if (/invalid job id/i.test(reasonOf(error))) return ""; // all of them ended long ago
        throw error;
      });
      const wanted = new Set(handles);
      const isAlive = (state: string): boolean =>
        /^(PENDING|RUNNING|CONFIGURING|COMPLETING|SUSPENDED|RESIZING|SIGNALING|STAGE_OUT)$/.test(
          state,
        );
      return new Set(
        text.split("\n").flatMap((line) => {
          const [handle = "", state = ""] = line.trim().split(" ");
          return wanted.has(handle) && isAlive(state) ? [handle] : [];
        }),
      );
    },
    cancel: async (handles) => {
      if (handles.length === 0) return;
      await slurm("scancel", ["--quiet", ...handles]);
    },
  };
}

/** What sbatch prints for a script. */
function sbatch(words: readonly string[], script: string): Promise<string> {
  const running = run("sbatch", [...words]);
  running.child.stdin?.end(`${script}\n`);
  return outputOf("sbatch", running);
}

function slurm(program: string, words: readonly string[]): Promise<string> {
  return outputOf(program, run(program, [...words]));
}

async function outputOf(
  program: string,
  running: Promise<{ readonly stdout: string }>,
): Promise<string> {
  try {
    return (await running).stdout;
  } catch (error) {
    if (hasCode(error, "ENOENT")) {
      throw new FlowError(
        "DEPENDENCY_MISSING",
        `runtime.executor.slurm needs ${program} on this machine's PATH: start the run on a login node of the cluster`,
        { cause: error },
      );
    }
    const said =
      error instanceof Error && "stderr" in error ? String(error.stderr).trim() : reasonOf(error);
    throw new FlowError("PROVIDER_FAILED", `${program}: ${said}`, { cause: error });
  }
}
