import type { ResultFormat } from "./output/formats.ts";
import { printResults, printScores } from "./output/print-results.ts";
import { withRunAt } from "./place/with-run-at.ts";

export interface ReportOptions {
  readonly json?: boolean;
  readonly format?: ResultFormat;
}

/** Writes a run's report again and prints its results. */
export async function reportCommand(run: string, options: ReportOptions): Promise<void> {
  const { makeReport } = await import("../pipeline/make-report.ts");
  await withRunAt(run, { files: "tables", mode: "write" }, async ({ runDir, shown }) => {
    printResults(await makeReport(runDir), shown("report/index.html"), formatOf(options));
  });
}

/** Prints a run's results and writes nothing. */
export async function resultsCommand(run: string, options: ReportOptions): Promise<void> {
  const { readResults } = await import("../pipeline/make-report.ts");
  const results = await withRunAt(run, { files: "tables" }, ({ runDir }) => readResults(runDir));
  printScores(results, formatOf(options));
}

function formatOf({ json = false, format }: ReportOptions): ResultFormat {
  return format ?? (json ? "json" : "table");
}
