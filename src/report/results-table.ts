import { stripVTControlCharacters } from "node:util";
import Table from "cli-table3";
import pc from "picocolors";
import { backboneName } from "./wording/display-names.ts";
import {
  formatLiftAndInterval,
  formatMeanAndSpread,
  formatP,
  formatRelative,
  formatScore,
} from "./wording/format-score.ts";
import { againstBase } from "./wording/group-comparisons.ts";
import type { Comparison, MeanAndSpread, ModelSummary, RunResults } from "./run-results.ts";
import { labelledResults } from "./wording/labelled-results.ts";
import { tableNotes } from "./wording/table-notes.ts";
import { correctionSentence, selectionMark, verdictOf } from "./wording/sentences.ts";

interface TableOptions {
  /** Whether to write ANSI colours. */
  readonly colour: boolean;
  /** Columns of the terminal. A table that is too wide drops some scores; if it is still too wide, it becomes a list. */
  readonly width: number;
}

/** The results for a terminal: one block per backbone, then notes. Ends without a newline. */
export function resultsTable(run: RunResults, { colour, width }: TableOptions): string {
  const results = labelledResults(run);
  const paint = pc.createColors(colour);
  const notes = tableNotes(results, width).map(({ label, lines, isWarning }) =>
    lines
      .map((line, index) => {
        const margin = (index === 0 ? label : "").padEnd(11);
        return paint.dim(margin) + (isWarning ? paint.yellow(line) : line);
      })
      .join("\n"),
  );
  const mark = selectionMark(results);
  const title = [
    paint.bold(results.name),
    paint.dim(results.protocol),
    ...(mark === null ? [] : [paint.yellow(mark)]),
  ];
  return [title.join("  "), "", ...resultLines(results, width, paint), "", ...notes].join("\n");
}

type Paint = ReturnType<typeof pc.createColors>;

function resultLines(results: RunResults, width: number, paint: Paint): readonly string[] {
  if (results.summaries.length === 0) {
    return ["No trained models yet: the stage train makes them."];
  }
  const blocks = backbonesOf(results).map((backbone) => blockOf(results, backbone, paint));
  const tables = layoutsOf(results).map((shown) => tableOf(blocks, shown, paint));
  return [
    tables.find((table) => widthOf(table) <= width) ??
      blocks.map((block) => listOf(block).join("\n")).join("\n\n"),
  ];
}

interface ResultRow {
  readonly model: string;
  readonly auc: string;
  readonly logloss: string;
  /** {@link logloss} without its spread. */
  readonly meanLogloss: string;
  readonly gauc: string;
  readonly ece: string;
  readonly lift: string;
  /** Of the lift, corrected. */
  readonly p: string;
}

interface ResultColumn {
  readonly key: keyof ResultRow;
  readonly head: string;
}

const auc: ResultColumn = { key: "auc", head: "AUC" };
const logloss: ResultColumn = { key: "logloss", head: "LogLoss" };
const gauc: ResultColumn = { key: "gauc", head: "GAUC" };
const ece: ResultColumn = { key: "ece", head: "ECE" };
const lift: ResultColumn = { key: "lift", head: "AUC lift [95 % interval]" };

const pValue: ResultColumn = { key: "p", head: "p" };

/** Columns of the possible tables, widest first. If none fits, the results become a list. */
const layouts: readonly (readonly ResultColumn[])[] = [
  [auc, logloss, gauc, ece, lift],
  [auc, logloss, lift],
  [auc, { ...logloss, key: "meanLogloss" }, lift],
];

/** The tables that say p come first, where several pairs are corrected together. */
function layoutsOf({ comparisons }: RunResults): typeof layouts {
  return isCorrected(comparisons)
    ? [...layouts.map((shown) => [...shown, pValue]), ...layouts.slice(2)]
    : layouts;
}

function isCorrected(comparisons: readonly Comparison[]): boolean {
  return correctionSentence(comparisons) !== null;
}

interface ResultBlock {
  readonly backbone: string;
  readonly rows: readonly ResultRow[];
}

function widthOf(text: string): number {
  return Math.max(
    ...stripVTControlCharacters(text)
      .split("\n")
      .map((line) => line.length),
  );
}

function backbonesOf(results: RunResults): readonly string[] {
  return [...new Set(results.summaries.map((summary) => summary.backbone))];
}

function blockOf(results: RunResults, backbone: string, paint: Paint): ResultBlock {
  const comparisons = againstBase(results.comparisons);
  const rows = results.summaries
    .filter((summary) => summary.backbone === backbone)
    .flatMap((summary) => {
      const comparison = comparisons.find(
        (one) => one.backbone === backbone && one.variant === summary.variant,
      );
      const score = scoreRow(summary, comparison, paint);
      const row = isCorrected(results.comparisons) ? score : { ...score, p: "" };
      return comparison?.role === "knowledge" ? [row, relativeRow(comparison, paint)] : [row];
    });
  return { backbone: paint.bold(backboneName(backbone)), rows };
}

function scoreRow(
  summary: ModelSummary,
  comparison: Comparison | undefined,
  paint: Paint,
): ResultRow {
  return {
    model: summary.variant,
    auc: formatMeanAndSpread(summary.auc),
    logloss: formatMeanAndSpread(summary.logloss),
    meanLogloss: meanText(summary.logloss),
    gauc: meanText(summary.gauc),
    ece: meanText(summary.ece),
    lift: comparison === undefined ? "" : paintLift(comparison, paint),
    p: formatP(comparison?.aucPHolm ?? null),
  };
}

function meanText(figure: MeanAndSpread | null): string {
  return figure === null ? "" : formatScore(figure.mean);
}

function relativeRow(comparison: Comparison, paint: Paint): ResultRow {
  return {
    model: paint.dim("vs Base"),
    auc: formatRelative(comparison.aucRelative),
    logloss: formatRelative(comparison.loglossRelative),
    meanLogloss: formatRelative(comparison.loglossRelative),
    gauc: "",
    ece: "",
    lift: "",
    p: "",
  };
}

function paintLift(comparison: Comparison, paint: Paint): string {
  const text = formatLiftAndInterval(comparison.aucLift, comparison.aucLiftInterval);
  const verdict = verdictOf(comparison);
  if (verdict === "higher") return paint.green(text);
  return verdict === "lower" ? paint.red(text) : text;
}

function tableOf(
  blocks: readonly ResultBlock[],
  shown: readonly ResultColumn[],
  paint: Paint,
): string {
  const table = new Table({
    chars: borderless,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
    head: ["", ...shown.map(({ head }) => paint.dim(head))],
  });
  for (const { backbone, rows } of blocks) {
    table.push([backbone, ...shown.map(() => "")]);
    for (const row of rows) table.push([`  ${row.model}`, ...shown.map(({ key }) => row[key])]);
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
      ...[auc, logloss, gauc, ece, { ...lift, head: "lift" }, pValue]
        .filter(({ key }) => row[key] !== "")
        .map(({ key, head }) => `    ${head.padEnd(7)}  ${row[key]}`),
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
