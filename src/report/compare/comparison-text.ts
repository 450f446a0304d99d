import { alignedRows, columnWidths } from "../../base/aligned-rows.ts";
import { formatCount, formatSeconds } from "../../page/format-number.ts";
import { backboneName } from "../wording/display-names.ts";
import {
  formatLiftAndInterval,
  formatMeanAndSpread,
  formatP,
  formatScore,
} from "../wording/format-score.ts";
import { wrapWords } from "../wording/wrap-words.ts";
import {
  differenceSentence,
  notPairedSentence,
  selectedOnTestSentence,
  simulatedSentence,
} from "./comparison-notes.ts";
import { costTotal, dollarText, stageTimes, taskSeconds, tokenText } from "./cost-texts.ts";
import { differenceOf, type ComparedResult, type RunComparison } from "./run-comparison.ts";
import { settingText } from "./setting-text.ts";

/** Longest value of a setting, in characters. */
const valueWidth = 40;

/** Compared runs for a terminal of `width` columns. Ends with a newline. */
export function comparisonText(comparison: RunComparison, width: number): string {
  const blocks = [
    runsTable(comparison),
    settingsTable(comparison),
    resultsTable(comparison),
    notes(comparison, width),
    costTable(comparison),
    timeTable(comparison),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function runsTable({ runs }: RunComparison): string {
  const rows = runs.map((run) => [
    run.run,
    run.protocol,
    run.dataset,
    run.testRows === null ? "no test rows yet" : `${formatCount(run.testRows.rows)} test rows`,
    run.seeds.length === 0 ? "no trained models yet" : `seeds ${run.seeds.join(", ")}`,
  ]);
  return aligned([["Runs", "", "", "", ""], ...rows], 1);
}

function settingsTable({ runs, settings }: RunComparison): string {
  if (settings.length === 0) return "Settings: the same in all runs";
  return aligned(
    [
      ["Settings that differ", ...runs.map(({ run }) => run)],
      ...settings.map(({ setting, values }) => [
        setting,
        ...values.map((value) => cut(settingText(value))),
      ]),
    ],
    1,
  );
}

function cut(text: string): string {
  return text.length <= valueWidth ? text : `${text.slice(0, valueWidth - 1)}…`;
}

function resultsTable(comparison: RunComparison): string {
  const { runs, results, differences } = comparison;
  const [first] = runs;
  if (results.length === 0) return "Results: no trained models yet";
  const rows: string[][] = [];
  let last: ComparedResult | undefined;
  for (const one of results) {
    if (last?.backbone !== one.backbone) rows.push([backboneName(one.backbone)]);
    if (last?.backbone !== one.backbone || last.label !== one.label) {
      rows.push([`  ${one.label}`]);
    }
    const difference = differenceOf(comparison, one);
    rows.push([
      `    ${one.run}`,
      formatMeanAndSpread(one.auc),
      formatScore(one.logloss.mean),
      one.aucLift === null ? "" : formatLiftAndInterval(one.aucLift, one.aucLiftInterval),
      difference === undefined
        ? ""
        : formatLiftAndInterval(difference.aucDifference, difference.aucInterval),
      difference === undefined ? "" : formatP(difference.aucPHolm),
    ]);
    last = one;
  }
  const head = ["Results", "AUC", "LogLoss", "lift over Base [95 %]"];
  const against = differences.length === 0 ? [] : [`AUC against ${first?.run ?? ""} [95 %]`, "p"];
  return aligned([[...head, ...against], ...rows], 0);
}

function notes(comparison: RunComparison, width: number): string {
  const difference = differenceSentence(comparison);
  const sentences = [
    difference === null ? null : `Differences: ${difference}`,
    ...comparison.notPaired.map((one) => notPairedSentence(comparison, one)),
    selectedOnTestSentence(comparison),
    simulatedSentence(comparison),
  ];
  return sentences
    .flatMap((sentence) => (sentence === null ? [] : wrapWords(sentence, width)))
    .join("\n");
}

function costTable({ runs }: RunComparison): string {
  if (runs.every(({ costs }) => costs.length === 0)) {
    return "Cost: no run asked a language model or a remote encoder";
  }
  const rows = runs.flatMap(({ run, costs }) => [
    ...(costs.length === 0 ? [[run, "asked nobody"]] : []),
    ...costs.map((cost, place) => [
      place === 0 ? run : "",
      `${cost.role} ${cost.model}`,
      formatCount(cost.requests),
      tokenText(cost.promptTokens),
      cost.role === "encoder" ? "" : tokenText(cost.completionTokens),
      dollarText(cost),
    ]),
    ...(costs.length < 2 ? [] : [totalRow(costTotal(costs))]),
  ]);
  const head = ["Cost", "", "requests", "prompt tokens", "completion tokens", "USD"];
  return aligned([head, ...rows], 1);
}

function totalRow(total: ReturnType<typeof costTotal>): string[] {
  return [
    "",
    "total",
    formatCount(total.requests),
    tokenText(total.promptTokens),
    tokenText(total.completionTokens),
    dollarText(total),
  ];
}

function timeTable({ runs }: RunComparison): string {
  const rows = stageTimes(runs).map(({ stage, times }) => [stage, ...times]);
  const total = runs.map((run) => formatSeconds(taskSeconds(run)));
  return aligned(
    [["Wall time, summed over tasks", ...runs.map(({ run }) => run)], ...rows, ["total", ...total]],
    1,
  );
}

/** Rows as a text table with columns two spaces apart; all but the head are indented by 2 where `indent` is 1. */
function aligned(rows: readonly (readonly string[])[], indent: 0 | 1): string {
  const cells = rows.map((row, place) =>
    row.map((cell, column) => (column === 0 && place > 0 && indent === 1 ? `  ${cell}` : cell)),
  );
  // A row of one cell is a heading, which may run over the columns.
  return alignedRows(cells, columnWidths(cells.map((row) => (row.length > 1 ? row : [""]))));
}
