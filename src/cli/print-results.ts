import { join, relative } from "node:path";
import { isatty } from "node:tty";
import { printableMembers } from "../base/printable.ts";
import type { RunResults } from "../report/run-results.ts";
import { paperBlock } from "../report/paper/paper-block.ts";
import { resultsTable } from "../report/results-table.ts";
import { sayLine, printJson } from "./terminal.ts";

/** Prints the results to stdout, as a table or as JSON, and the report's path to stderr. */
export function printResults(results: RunResults, runDir: string, asJson: boolean): void {
  if (asJson) printJson(results);
  else {
    const isTerminal = isatty(1); // `isTTY` is undefined, not false, where there is none
    const width = isTerminal ? process.stdout.columns : 100;
    const shown = printableMembers(results);
    process.stdout.write(
      `\n${resultsTable(shown, { colour: isTerminal, width })}\n${paperBlock(shown, width)}`,
    );
  }
  const report = relative(process.cwd(), join(runDir, "report", "index.html"));
  sayLine(`\nreport: ${report}`);
}
