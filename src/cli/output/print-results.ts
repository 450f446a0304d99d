import { isatty } from "node:tty";
import { printableMembers } from "../../base/printable.ts";
import { resultsLatex } from "../../report/latex/results-latex.ts";
import { resultsCsv } from "../../report/results-csv.ts";
import type { RunResults } from "../../report/run-results.ts";
import { paperBlock } from "../../report/paper/paper-block.ts";
import { resultsTable } from "../../report/results-table.ts";
import type { ResultFormat } from "./formats.ts";
import { printJson, printText, sayLine } from "../terminal.ts";

/** Prints the results to stdout, and where the report is to stderr. */
export function printResults(results: RunResults, report: string, format: ResultFormat): void {
  printScores(results, format);
  sayLine(`\nreport: ${report}`);
}

/** Prints the results to stdout. */
export function printScores(results: RunResults, format: ResultFormat): void {
  switch (format) {
    case "json":
      printJson(results);
      return;
    case "csv":
      printText(resultsCsv(results));
      return;
    case "latex":
      printText(resultsLatex(results));
      return;
    case "table": {
      const isTerminal = isatty(1); // `isTTY` is undefined, not false, where there is none
      const width = isTerminal ? process.stdout.columns : 100;
      const shown = printableMembers(results);
      process.stdout.write(
        `\n${resultsTable(shown, { colour: isTerminal, width })}\n${paperBlock(shown, width)}`,
      );
    }
  }
}
