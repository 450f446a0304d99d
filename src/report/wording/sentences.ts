/** @file The sentences that say what a figure is worth: the same on the terminal and on the page. */

import { formatCount, formatDay, formatShare } from "../../page/format-number.ts";
import { displayName } from "./display-names.ts";
import type {
  Comparison,
  KnowledgeWriter,
  LeftOut,
  RunResults,
  SplitCounts,
} from "../run-results.ts";

/** The protocol in words. */
export function protocolSentence(protocol: string): string {
  switch (protocol) {
    case "leakfree":
      return (
        "leakfree: rows are cut by time into training, validation and test. A row’s history lies before it; texts about " +
        "users come from their first events, which are never scored, texts about items from training rows only. " +
        "Validation chooses the epoch, test never does."
      );
    case "paper":
      return (
        "paper: all rows are sorted by time, the first 80 % train and the rest test; " +
        "the number of epochs is fixed beforehand."
      );
    case "reference":
      return (
        "reference: each user’s rows are ordered by calendar day, about the first 80 % train and the rest test; " +
        "there is no validation split. Within a day users tend to rate what they liked first, so figures are higher than in true time order."
      );
    default:
      return `${protocol}.`;
  }
}

/** The mark of figures whose epochs, and trials of a grid, the scored rows themselves chose; null for all others. */
export function selectionMark({ selectedOn }: Pick<RunResults, "selectedOn">): string | null {
  return selectedOn.includes("test") ? "selected on test" : null;
}

/** What chose the scored epochs, and the trials of a grid, and what that means for the figures. */
export function selectionSentence({
  selectedOn,
  trials,
}: Pick<RunResults, "selectedOn" | "trials">): string {
  const tried = new Set(trials.map(({ trial }) => trial)).size;
  const byGrid =
    tried === 0
      ? ""
      : `; likewise one of ${tried} trials for each backbone and variant, by the mean over seeds`;
  return choosers(selectedOn) + byGrid;
}

function choosers(selectedOn: readonly string[]): string {
  return selectedOn
    .map((chooser) => {
      if (chooser === "valid") return "selected on valid; the test split was scored once";
      if (chooser === "test") return "selected on test, which flatters every figure";
      if (chooser === "last") return "the last one trained; none was selected";
      return `selected on ${chooser}`;
    })
    .join("; ");
}

/** How the lift's interval was made, or null without one. */
export function intervalSentence(comparisons: readonly Comparison[]): string | null {
  const drawn = comparisons.filter(({ aucLiftInterval }) => aucLiftInterval !== null);
  const resamples = [...new Set(drawn.map((comparison) => comparison.resamples))];
  if (resamples.length === 0) return null;
  return `95 %, paired bootstrap by user, ${resamples.map(formatCount).join(" and ")} resamples`;
}

/** Shares of the test rows that have knowledge, by variant where they differ, or null when no variant used any. */
export function coverageSentence({ summaries }: Pick<RunResults, "summaries">): string | null {
  const textOf = new Map<string, string>();
  for (const { variant, role, coverage } of summaries) {
    if (role !== "knowledge" || coverage === null) continue;
    const sides = [
      coverage.user === null ? null : `${formatShare(coverage.user)} have a user vector`,
      coverage.item === null ? null : `${formatShare(coverage.item)} have an item vector`,
    ];
    textOf.set(displayName(variant), sides.filter((side) => side !== null).join(", "));
  }
  const texts = [...new Set(textOf.values())];
  if (texts.length === 0) return null;
  const shares =
    texts.length === 1 ? texts : [...textOf].map(([variant, text]) => `${variant}: ${text}`);
  return `of the test rows ${shares.join("; ")}`;
}

/** "12,345 interactions of 600 users with 900 items, 56.1 % positive". */
export function dataSentence({ dataset }: RunResults): string {
  const positive =
    dataset.positiveRate === null ? "" : `, ${formatShare(dataset.positiveRate)} positive`;
  const events = dataset.simulated ? "simulated interactions" : "interactions";
  const users = dataset.simulated ? "simulated viewers" : "users";
  return (
    `${formatCount(dataset.interactions)} ${events} of ${formatCount(dataset.users)} ${users} ` +
    `with ${formatCount(dataset.items)} items${positive}${leftOutClause(dataset.leftOut)}`
  );
}

/** "; left out 1,250 rows (k-core 1,000, bad row 250)", the steps in order; empty when there are none. */
function leftOutClause(leftOut: readonly LeftOut[]): string {
  const steps = new Map<string, number>();
  for (const { step, rows } of leftOut) steps.set(step, (steps.get(step) ?? 0) + rows);
  if (steps.size === 0) return "";
  const total = leftOut.reduce((sum, { rows }) => sum + rows, 0);
  const parts = [...steps].map(([step, rows]) => `${step} ${formatCount(rows)}`);
  return `; left out ${formatCount(total)} rows (${parts.join(", ")})`;
}

/** "train 737,358 rows, 57.2 % positive". */
export function splitSentence(split: SplitCounts): string {
  return `${split.split} ${formatCount(split.rows)} rows, ${formatShare(split.positiveRate)} positive`;
}

/** What training rows count, or null where all count the same. */
export function weightSentence({ splits }: Pick<RunResults, "splits">): string | null {
  const train = splits.find(({ split }) => split === "train");
  if (train?.weight === undefined) return null;
  const mean = (train.weight / train.rows).toPrecision(3);
  return `training rows count by their weight, ${mean} on average; scores are unweighted`;
}

/** Who wrote the knowledge. The built-in profiler is statistics in sentences and never passes for an LLM. */
export function writersSentence(writers: readonly KnowledgeWriter[]): string | null {
  const names = writers.map((writer) =>
    writer.provider === "profiler"
      ? "the built-in profiler (statistics written out as sentences, not an LLM)"
      : `${writer.model} through ${writer.provider}`,
  );
  return names.length === 0 ? null : `written by ${[...new Set(names)].join(" and ")}`;
}

/** The warning that a run on simulated events carries; null on real ones. */
export function simulationSentence({ dataset, knowledge }: RunResults): string | null {
  if (!dataset.simulated) return null;
  const { writers } = knowledge;
  const isProfiled =
    writers.length > 0 && writers.every((writer) => writer.provider === "profiler");
  const lead = "The viewers are simulated";
  return isProfiled
    ? `${lead} and the knowledge comes from the built-in profiler, not an LLM: ` +
        "these figures show that the pipeline works, not what to expect on real data."
    : `${lead}: these figures show that the pipeline works, not what to expect on real data.`;
}

/** What an interval allows one to say. */
type Verdict = "higher" | "lower" | "unclear";

/** Higher or lower only when the whole interval is on one side of zero. */
export function verdictOf({ aucLiftInterval }: Comparison): Verdict {
  if (aucLiftInterval === null) return "unclear";
  const [low, high] = aucLiftInterval;
  if (low > 0) return "higher";
  return high < 0 ? "lower" : "unclear";
}

/** One sentence over all comparisons of a variant with Base, e.g. "R4ec ranks better than Base on both backbones." */
export function headlineSentence(variant: string, comparisons: readonly Comparison[]): string {
  const name = displayName(variant);
  const { total, higher, lower, unclear } = verdictCounts(comparisons);
  const everywhere = ["", "", " on both backbones"][total] ?? ` on all ${total} backbones`;
  if (higher === total) return `${name} ranks better than Base${everywhere}.`;
  if (lower === total) return `${name} ranks worse than Base${everywhere}.`;
  if (unclear === total) return `No measurable difference between ${name} and Base${everywhere}.`;
  const parts = [
    higher > 0 ? `better on ${higher}` : null,
    lower > 0 ? `worse on ${lower}` : null,
    unclear > 0 ? `no measurable difference on ${unclear}` : null,
  ];
  return `${name} against Base on ${total} backbones: ${parts.filter((part) => part !== null).join(", ")}.`;
}

/**
 * One sentence on what a knowledge variant adds to the controls, e.g. "What R4ec adds is above zero over Permuted; not measurable
 * over Base + statistics." Above zero is only what is so on every backbone.
 */
export function remainderSentence(variant: string, comparisons: readonly Comparison[]): string {
  const controlsByClaim = new Map<string, string[]>();
  for (const control of new Set(comparisons.map(({ baseline }) => baseline))) {
    const claim = remainderClaim(comparisons.filter(({ baseline }) => baseline === control));
    controlsByClaim.set(claim, [...(controlsByClaim.get(claim) ?? []), displayName(control)]);
  }
  const clauses = [...controlsByClaim].map(([claim, names]) =>
    claim.replace("these", () => listed(names)),
  );
  return `What ${displayName(variant)} adds is ${clauses.join("; ")}.`;
}

/** What the comparisons with one control say; "these" stands for the controls of which it is said. */
function remainderClaim(comparisons: readonly Comparison[]): string {
  const { total, higher, lower, unclear } = verdictCounts(comparisons);
  if (higher === total) return "above zero over these";
  if (lower === total) return "below zero over these";
  if (unclear === total) return "not measurable over these";
  return higher === 0
    ? "not above zero over these"
    : `above zero over these on ${higher} of ${total} backbones only`;
}

function verdictCounts(comparisons: readonly Comparison[]) {
  const verdicts = comparisons.map(verdictOf);
  const count = (wanted: Verdict): number => verdicts.filter((one) => one === wanted).length;
  return {
    total: verdicts.length,
    ...{ higher: count("higher"), lower: count("lower"), unclear: count("unclear") },
  };
}

/** "a", "a and b", "a, b and c". */
function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}

/** "1998-04-22 to 2000-12-30", or null without events. */
export function periodOf({ dataset }: RunResults): string | null {
  if (dataset.firstAt === null || dataset.lastAt === null) return null;
  return `${formatDay(dataset.firstAt)} to ${formatDay(dataset.lastAt)}`;
}
