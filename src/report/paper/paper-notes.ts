/** @file What to know when reading a run beside the paper. */
import { groupBy } from "../../base/group-by.ts";
import { formatCount } from "../../page/format-number.ts";
import type { RunResults } from "../run-results.ts";
import { formatRelative } from "../wording/format-score.ts";
import { selectionMark, selectionSentence } from "../wording/sentences.ts";
import type { Maker } from "./makers.ts";
import type { FigurePoint, PaperFigure, PaperRow } from "./paper-comparison.ts";
import type { PaperResults } from "./paper-results.ts";

/** What a comparison with the paper needs of a run's results. */
export type Compared = Pick<
  RunResults,
  "protocol" | "dataset" | "summaries" | "selectedOn" | "trials"
>;

interface Noted {
  readonly results: Compared;
  readonly makers: readonly Maker[];
}

/** Below a table: what ours were run on, and why differences are shown or not. */
export function tableNotes({
  results,
  makers,
  data: { label, users, items },
  isSameData,
  rows,
}: Noted & {
  readonly data: PaperResults["data"]["ml-1m"];
  readonly isSameData: boolean;
  readonly rows: readonly PaperRow[];
}): readonly string[] {
  const published = `${formatCount(users)} users, ${formatCount(items)} items`;
  const missing = new Set(rows.filter(({ ours }) => ours === null).map((row) => row.label));
  const isOtherProtocol = isSameData && results.protocol !== "reference";
  return [
    ours(results),
    isSameData
      ? `The data have the paper's counts for ${label} (${published}).`
      : `These are not the paper's data (${label}: ${published}): no differences are shown, they would say nothing.`,
    ...(isOtherProtocol
      ? [
          "The paper's public code runs protocol reference: its numbers are of other test rows than ours.",
        ]
      : []),
    ...(rows.length === 0 ? ["The run trained none of the table's backbones."] : []),
    ...(missing.size === 0 ? [] : [`Not run here: ${[...missing].join("; ")}.`]),
    ...profilerNote(makers, "have no number of the paper beside them"),
  ];
}

/** Below a figure: what ours were run on, and what changes along the axis. */
export function figureNotes({
  results,
  makers,
  figure,
}: Noted & { readonly figure: PaperFigure }): readonly string[] {
  return [
    ours(results),
    "The paper draws its points without printing their values: none stand beside ours.",
    ...(figure.points.length === 0 ? ["No variant of this run has a place on this axis."] : []),
    ...trends(figure),
    ...profilerNote(makers, "are called profiler"),
  ];
}

function ours(results: Compared): string {
  const { protocol, dataset } = results;
  const mark = selectionMark(results);
  const chosen = mark === null ? "" : ` (${selectionSentence(results)})`;
  const what = dataset.simulated ? "simulated " : "";
  return (
    `Ours: protocol ${protocol}${chosen}; ${dataset.label}, ${formatCount(dataset.users)} ${what}users, ` +
    `${formatCount(dataset.items)} items.`
  );
}

function profilerNote(makers: readonly Maker[], what: string): readonly string[] {
  return makers.some(({ isProfiler }) => isProfiler)
    ? [`Rows of the built-in profiler, which is no language model, ${what}.`]
    : [];
}

/** From the first place to the last, per series. */
function trends({ points, places }: PaperFigure): readonly string[] {
  return groupBy(points, ({ series }) => [series]).flatMap((own) => {
    const used = places.filter((place) => own.some(({ at }) => at === place));
    const [first, last] = [used[0], used.at(-1)];
    if (first === undefined || last === undefined || first === last) return [];
    const backbones = new Set(own.map(({ backbone }) => backbone)).size;
    const change = (read: (point: FigurePoint) => number): string => {
      const at = (place: string): number =>
        mean(own.filter((point) => point.at === place).map(read));
      return formatRelative(at(last) / at(first) - 1);
    };
    const over = backbones === 1 ? "" : `, mean over ${backbones} backbones`;
    return [
      `Ours by ${own[0]?.series ?? ""}, from ${first} to ${last}${over}: AUC ${change((point) => point.auc.mean)}, ` +
        `LogLoss ${change((point) => point.logloss.mean)}, relative.`,
    ];
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
