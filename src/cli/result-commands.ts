/** @file The commands about results of finished work, as the command line describes them. */
import { Option, type Command } from "commander";
import type { CompareOptions } from "./compare-command.ts";
import { comparisonFormats, resultFormats } from "./output/formats.ts";
import type { ReportOptions } from "./report-command.ts";

/** Adds the commands report, results and compare. */
export function addResultCommands(program: Command): void {
  program
    .command("report")
    .summary("write results.json and report/index.html again, and print the results table")
    .argument("<run>", "run folder, or s3://bucket/folder")
    .addOption(resultFormat())
    .addOption(
      new Option("--json", "print results.json to stdout instead of the table").conflicts("format"),
    )
    .action(async (run: string, options: ReportOptions) =>
      (await import("./report-command.ts")).reportCommand(run, options),
    );

  program
    .command("results")
    .summary("print the results of a run: a table, JSON, CSV, or LaTeX for a paper")
    .description(
      "Prints what `report` prints, and writes nothing. LaTeX: scores with four decimals, the best per backbone in bold, and marks " +
        "where the interval of the difference to Base excludes 0; the caption names the test.",
    )
    .argument("<run>", "run folder, or s3://bucket/folder")
    .addOption(resultFormat())
    .addHelpText(
      "after",
      `
Examples:
  r4ec results runs/quickstart
  r4ec results runs/quickstart --format latex > table.tex`,
    )
    .action(async (run: string, options: ReportOptions) =>
      (await import("./report-command.ts")).resultsCommand(run, options),
    );

  program
    .command("compare")
    .summary("several runs side by side: settings that differ, results, cost and time")
    .description(
      "Compares runs with the first of them. Where a run has the same test rows, every backbone and variant that both trained gets the " +
        "difference with an interval (paired bootstrap over users, by the first run's compare settings); where it has not, it is said " +
        "why: protocol, split or data. Run folders are only read.",
    )
    .argument("<run...>", "runs, at least two; the others are compared with the first")
    .addOption(
      new Option(
        "--format <format>",
        "html needs --output (default: table, or by the end of --output)",
      ).choices(comparisonFormats),
    )
    .option(
      "--output <file>",
      "write to a new file, whose end says the format: .html, .json, .csv, .tex or .txt",
    )
    .addHelpText(
      "after",
      `
Examples:
  r4ec compare runs/one-round runs/two-rounds
  r4ec compare runs/* --output comparison.html
  r4ec compare runs/small-actor runs/large-actor --format latex > table.tex

Runs have the same test rows when protocol, split and data are the same; train
and knowledge may differ. Variants of one run are compared in its own report.`,
    )
    .action(async (runs: readonly string[], options: CompareOptions) =>
      (await import("./compare-command.ts")).compareCommand(runs, options),
    );
}

function resultFormat(): Option {
  return new Option(
    "--format <format>",
    "how the results are printed; latex: a table with booktabs for a paper (default: table)",
  ).choices(resultFormats);
}
