import { resolve } from "node:path";
import type { ResultFormat } from "./output/formats.ts";
import { printResults, printScores } from "./output/print-results.ts";

export interface ReportOptions {
  readonly json?: boolean;
  readonly format?: ResultFormat;
}

/** Writes a run's report again and prints its results. */
export async function reportCommand(run: string, options: ReportOptions): Promise<void> {
  const { makeReport } = await import("../pipeline/make-report.ts");
  const runDir = resolve(run);
  printResults(await makeReport(runDir), runDir, formatOf(options));
}

/** Prints a run's results and writes nothing. */
export async function resultsCommand(run: string, options: ReportOptions): Promise<void> {
  const { readResults } = await import("../pipeline/make-report.ts");
  printScores(await readResults(resolve(run)), formatOf(options));
}

function formatOf({ json = false, format }: ReportOptions): ResultFormat {
  return format ?? (json ? "json" : "table");
}
