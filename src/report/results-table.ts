import Table from "cli-table3";
import pc from "picocolors";
import { displayName } from "./display-names.ts";
import { formatLift, formatMeanAndSpread, formatRelative } from "./format-number.ts";
import type { Comparison, ModelSummary, RunResults } from "./run-results.ts";
import { tableNotes } from "./table-notes.ts";
import { verdictOf } from "./wording.ts";

interface TableOptions {
  /** Whether to write ANSI colours. */
  readonly colour: boolean;
  /** Columns of the terminal; the table needs 72 and becomes a list below that. */
  readonly width: number;
}

/** The results for a terminal: a block a backbone, then what one must know to read them. Ends without a newline. */
export function resultsTable(results: RunResults, { colour, width }: TableOptions): string {
  const paint = pc.createColors(colour);
  const notes = tableNotes(results, width).map(({ label, lines, isWarning }) =>
    lines
      .map((line, index) => {
        const margin = (index === 0 ? label : "").padEnd(11);
        return paint.dim(margin) + (isWarning ? paint.yellow(line) : line);
      })
      .join("\n"),
  );
  const title = `${paint.bold(results.name)}  ${paint.dim(results.protocol)}`;
  return [title, "", ...resultLines(results, width, paint), "", ...notes].join("\n");
}

type Paint = ReturnType<typeof pc.createColors>;

function resultLines(results: RunResults, width: number, paint: Paint): readonly string[] {
  if (results.summaries.length === 0) {
    return ["No trained model yet: the stage train fills the results."];
  }
  const blocks = backbonesOf(results).map((backbone) => blockOf(results, backbone, paint));
  return width < tableWidth
    ? blocks.flatMap((block, index) => (index === 0 ? listOf(block) : ["", ...listOf(block)]))
    : [tableOf(blocks, paint)];
}

interface ResultRow {
  readonly model: string;
  readonly auc: string;
  readonly logloss: string;
  readonly lift: string;
}

interface ResultBlock {
  readonly backbone: string;
  readonly rows: readonly ResultRow[];
}

/** Widest rows: indented variant, two figures with spread, a lift with its interval, and the gaps. */
const tableWidth = 72;

function backbonesOf(results: RunResults): readonly string[] {
  return [...new Set(results.summaries.map((summary) => summary.backbone))];
}

function blockOf(results: RunResults, backbone: string, paint: Paint): ResultBlock {
  const rows = results.summaries
    .filter((summary) => summary.backbone === backbone)
    .flatMap((summary) => {
      const comparison = results.comparisons.find(
        (one) => one.backbone === backbone && one.variant === summary.variant,
      );
      const row = scoreRow(summary, comparison, paint);
      return comparison === undefined ? [row] : [row, relativeRow(comparison, paint)];
    });
  return { backbone: paint.bold(displayName(backbone)), rows };
}

function scoreRow(
  summary: ModelSummary,
  comparison: Comparison | undefined,
  paint: Paint,
): ResultRow {
  return {
    model: displayName(summary.variant),
    auc: formatMeanAndSpread(summary.auc),
    logloss: formatMeanAndSpread(summary.logloss),
    lift: comparison === undefined ? "" : paintLift(comparison, paint),
  };
}

function relativeRow(comparison: Comparison, paint: Paint): ResultRow {
  return {
    model: paint.dim("vs Base"),
    auc: formatRelative(comparison.aucRelative),
    logloss: formatRelative(comparison.loglossRelative),
    lift: "",
  };
}

function paintLift(comparison: Comparison, paint: Paint): string {
  const [low, high] = comparison.aucLiftInterval.map(formatLift);
  const text = `${formatLift(comparison.aucLift)} [${low}, ${high}]`;
  const verdict = verdictOf(comparison);
  if (verdict === "higher") return paint.green(text);
  return verdict === "lower" ? paint.red(text) : text;
}

function tableOf(blocks: readonly ResultBlock[], paint: Paint): string {
  const table = new Table({
    chars: borderless,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
    head: ["", "AUC", "LogLoss", "AUC lift [95 % interval]"].map((text) => paint.dim(text)),
  });
  for (const { backbone, rows } of blocks) {
    table.push([backbone, "", "", ""]);
    for (const row of rows) table.push([`  ${row.model}`, row.auc, row.logloss, row.lift]);
  }
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

function listOf({ backbone, rows }: ResultBlock): readonly string[] {
  return [
    backbone,
    ...rows.flatMap((row) => [
      `  ${row.model}`,
      `    AUC      ${row.auc}`,
      `    LogLoss  ${row.logloss}`,
      ...(row.lift === "" ? [] : [`    lift     ${row.lift}`]),
    ]),
  ];
}

const borderless = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
};
