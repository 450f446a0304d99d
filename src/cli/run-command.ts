import { join } from "node:path";
import type { FaultKind } from "../base/retry-policy.ts";
import { runPipeline, type RunPipelineOptions } from "../pipeline/run-pipeline.ts";
import type { StageName } from "../pipeline/pipeline-stage.ts";
import { startCrashWitness } from "./progress/crash-witness.ts";
import { loadSettings } from "./load-settings.ts";
import { printResults } from "./output/print-results.ts";
import { withRunAt } from "./place/with-run-at.ts";
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
  const place = options.out ?? join("runs", settings.name);
  const { from, to, retry, repair = false } = options;
  const { results, report } = await withProgress(async (view, interrupt) => {
    const witness = startCrashWitness();
    interrupt.addEventListener("abort", witness.dismiss, { once: true });
    const needs = { files: "all", mode: "drive", say: view.say, signal: interrupt } as const;
    try {
      return await withRunAt(place, needs, async ({ runDir, copy, stop, shown }) => ({
        report: shown("report/index.html"),
        results: await runPipeline({
          settings,
          runDir,
          ...(copy && { copy }),
          ...(from && { from }),
          ...(to && { to }),
          ...(retry && { retry }),
          isRepair: repair,
          signal: AbortSignal.any([interrupt, stop]),
          onEvent: (event) => {
            witness.note(event);
            view.show(event);
          },
          createLocal,
        }),
      }));
    } finally {
      witness.dismiss();
    }
  });
  if (results !== null) printResults(results, report, options.json === true ? "json" : "table");
}

/** The options that set a setting, as overrides. */
function shorthands({ maxErrors, engine, threads }: RunOptions): readonly string[] {
  return Object.entries({
    "knowledge.maxErrors": maxErrors,
    "train.engine": engine,
    "runtime.threads": threads,
  }).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
}
