import { join, resolve } from "node:path";
import type { FaultKind } from "../base/retry-policy.ts";
import { runPipeline, type RunPipelineOptions } from "../pipeline/run-pipeline.ts";
import type { StageName } from "../pipeline/pipeline-stage.ts";
import { startCrashWitness } from "./progress/crash-witness.ts";
import { loadSettings } from "./load-settings.ts";
import { printResults } from "./output/print-results.ts";
import { withProgress } from "./progress/with-progress.ts";

export interface RunOptions {
  readonly out?: string;
  readonly set: readonly string[];
  readonly from?: StageName;
  readonly to?: StageName;
  readonly retry?: readonly FaultKind[];
  readonly json?: boolean;
  readonly maxErrors?: string;
  readonly engine?: string;
  readonly threads?: string;
  readonly repair?: boolean;
}

export async function runCommand(
  file: string,
  options: RunOptions,
  createLocal: NonNullable<RunPipelineOptions["createLocal"]>,
): Promise<void> {
  const settings = await loadSettings(file, [...options.set, ...shorthands(options)]);
  const runDir = resolve(options.out ?? join("runs", settings.name));
  const { from, to, retry, repair = false } = options;
  const results = await withProgress(async (view, signal) => {
    const witness = startCrashWitness();
    signal.addEventListener("abort", witness.dismiss, { once: true });
    try {
      return await runPipeline({
        settings,
        runDir,
        ...(from && { from }),
        ...(to && { to }),
        ...(retry && { retry }),
        isRepair: repair,
        signal,
        onEvent: (event) => {
          witness.note(event);
          view.show(event);
        },
        createLocal,
      });
    } finally {
      witness.dismiss();
    }
  });
  if (results !== null) printResults(results, runDir, options.json === true ? "json" : "table");
}

/** The options that set a setting, as overrides. */
function shorthands({ maxErrors, engine, threads }: RunOptions): readonly string[] {
  return Object.entries({
    "knowledge.maxErrors": maxErrors,
    "train.engine": engine,
    "runtime.threads": threads,
  }).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
}
