import { randomBytes } from "node:crypto";
import { join, resolve } from "node:path";
import { asExpected, FlowError } from "../base/errors.ts";
import { formatIndices, nthIndex, parseIndices } from "../flow/executors/jobs/index-ranges.ts";
import { mayPass } from "../flow/executors/jobs/passing-errors.ts";
import { runJob } from "../flow/executors/jobs/run-job.ts";
import { requireRun } from "../pipeline/run-folder.ts";
import { runtimeOf } from "../pipeline/settings.ts";
import type { WantedFiles } from "../flow/store/working-copy.ts";
import { withRunAt } from "./place/with-run-at.ts";
import { withProgress } from "./progress/with-progress.ts";
import { exitCodeOf, explainError } from "./exit-code.ts";
import { complain, sayLine } from "./terminal.ts";

export interface TaskOptions {
  readonly run: string;
  readonly stage: string;
  readonly index: string;
  readonly nth?: string;
  readonly job?: string;
  readonly threads?: string;
  readonly memory?: string;
  readonly scratch?: string;
}

/** Runs tasks of a stage that a run has planned. Sets the exit code itself: 2 says that no other try will help. */
export async function taskCommand(options: TaskOptions): Promise<void> {
  try {
    await runTasks(options);
  } catch (thrown) {
    const error = asExpected(thrown);
    complain(explainError(error));
    const isFinal = error instanceof FlowError && !mayPass(error.code);
    process.exitCode = isFinal ? 2 : exitCodeOf(error);
  }
}

async function runTasks(options: TaskOptions): Promise<void> {
  const { stage, nth, threads, memory, job = `hand-${randomBytes(4).toString("hex")}` } = options;
  if (!/^[\w.-]+$/.test(stage) || !/^[\w.-]+$/.test(job)) {
    throw new FlowError(
      "CONFIG_INVALID",
      "--stage and --job take letters, digits, '.', '_' and '-'",
    );
  }
  const runtime = {
    ...(threads !== undefined && { threads: Number(threads) }),
    ...(memory !== undefined && { memoryLimit: memory }),
  };
  const named = parseIndices(options.index);
  const indices = nth === undefined ? named : [nthIndex(named, numberOf(nth))];
  const index = formatIndices(indices);
  const { ran } = await withProgress((view, signal) => {
    const follow = view.follow(`${stage} ${index}`);
    const needs = { files: wantedByJob(stage, job), mode: "work", say: view.say, signal } as const;
    return withRunAt(options.run, needs, async ({ runDir, copy, stop }) => {
      await requireRun(runDir);
      return runJob({
        ...{ ...runtimeOf({ runtime }), runDir, cacheDir: join(runDir, "cache"), stage, indices },
        ...(options.scratch !== undefined && { scratchDir: resolve(options.scratch) }),
        ...{ id: job, signal: AbortSignal.any([signal, stop]) },
        ...(copy && { copy, environment: { ...process.env } }),
        onEvent: (event) => {
          if (event.kind === "progress") follow(event.progress);
        },
      });
    });
  });
  sayLine(
    `r4ec: ${stage} ${index}: ${ran} of ${indices.length} tasks done now, ${indices.length - ran} before`,
  );
}

/** A job's number: itself, or what a variable of the environment says, which is where some schedulers put it. */
function numberOf(nth: string): string {
  if (!/^[A-Za-z_]\w*$/.test(nth)) return nth;
  const number = process.env[nth];
  if (number !== undefined) return number;
  throw new FlowError(
    "CONFIG_INVALID",
    `--nth ${nth}: this variable is not set here; give the number itself, or the variable that the scheduler sets for jobs of an array`,
  );
}

/** What a job needs of a run in a store, besides the parts that its tasks read. */
function wantedByJob(stage: string, job: string): WantedFiles {
  const isOthers = new RegExp(
    `^(jobs/(?!${stage}/${job}[.])|plans/(?!${stage}[.])|checkpoints/(?!${stage}/))`,
  );
  return {
    path: (path) => !isOthers.test(path) && !/^(stages|report|profile)\//.test(path),
    named: ({ path }) => path.startsWith("adapters/"),
  };
}
