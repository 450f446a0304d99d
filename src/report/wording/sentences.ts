/** @file Sentences that tell a reader how far to trust a score. The console and the page share them. */

import { unknownVariants } from "./variant-sentences.ts";
import { groupBy } from "../../base/group-by.ts";
import { formatCount, formatDay, formatShare } from "../../page/format-number.ts";
import type {
  Comparison,
  Coverage,
  KnowledgeWriter,
  LeftOut,
  RunResults,
  SplitCounts,
} from "../run-results.ts";

/** The protocol in words, and what it does not hold for. */
export function protocolSentence(
  results: Pick<RunResults, "protocol" | "variants" | "knowledge">,
): string {
  const unknown = unknownVariants(results);
  const exception =
    unknown === null
      ? ""
      : ` What the vectors of ${unknown} were made of is unknown: they may know of rows that are scored.`;
  return `${ruleSentence(results)}${exception}`;
}

function ruleSentence({ protocol, knowledge }: Pick<RunResults, "protocol" | "knowledge">): string {
  switch (protocol) {
    case "leakfree":
      return (
        "leakfree: rows are split by time into training, validation and test. A row’s history holds only earlier events. " +
        (knowledge.writers.length === 0
          ? ""
          : "Texts about users come from their first events, which are never scored; texts about items come from training " +
            "rows only. ") +
        "The epoch is selected on validation, never on test."
      );
    case "paper":
      return (
        "paper: all rows are sorted by time; the first 80 % are for training, the rest for testing. " +
        "The number of epochs is fixed in advance."
      );
    case "reference":
      return (
        "reference: each user’s rows are ordered by calendar day; about the first 80 % are for training, the rest for " +
        "testing. There is no validation split. Within a day, users tend to rate what they liked first, so scores are " +
        "higher than in true time order."
      );
    default:
      return `${protocol}.`;
  }
}

/** Marks scores whose epoch (and trial) was selected on the scored rows themselves; null for all others. */
export function selectionMark({ selectedOn }: Pick<RunResults, "selectedOn">): string | null {
  return selectedOn.includes("test") ? "selected on test" : null;
}

/** How epochs, and trials, were selected, and what that means for the scores. */
export function selectionSentence({
  selectedOn,
  trials,
}: Pick<RunResults, "selectedOn" | "trials">): string {
  const tried = groupBy(trials, ({ backbone, variant }) => [backbone, variant]).map(
    (group) => group.length,
  );
  const most = Math.max(...tried);
  const count = tried.every((one) => one === most) ? `one of ${most}` : `one of up to ${most}`;
  const byTrial =
    tried.length === 0
      ? ""
      : `; the trial (${count} per backbone and variant) was selected in the same way, by its mean over seeds`;
  return choosers(selectedOn) + byTrial;
}

function choosers(selectedOn: readonly string[]): string {
  return selectedOn
    .map((chooser) => {
      if (chooser === "valid") return "selected on valid; the test split was scored once";
      if (chooser === "test") return "selected on test, which flatters every score";
      if (chooser === "last") return "the last one; none was selected";
      return `selected on ${chooser}`;
    })
    .join("; ");
}

/** How the intervals of the lifts were computed; null without intervals. */
export function intervalSentence(comparisons: readonly Comparison[]): string | null {
  const drawn = comparisons.filter(({ aucLiftInterval }) => aucLiftInterval !== null);
  const resamples = [...new Set(drawn.map((comparison) => comparison.resamples))];
  if (resamples.length === 0) return null;
  return `95 %, paired bootstrap over users, ${resamples.map(formatCount).join(" and ")} resamples`;
}

/** What p-values are corrected for; null without them, and where no backbone has more than one pair. */
export function correctionSentence(comparisons: readonly Comparison[]): string | null {
  const tested = comparisons.filter(({ aucPHolm }) => aucPHolm !== null);
  const pairs = groupBy(tested, ({ backbone }) => [backbone]).map((group) => group.length);
  const counts = [...new Set(pairs)].sort((a, b) => a - b).map(formatCount);
  if (Math.max(0, ...pairs) < 2) return null;
  return (
    "two-sided, from the same resamples, corrected by Holm’s method for all pairs of variants on a backbone " +
    `(${counts.join(" or ")}); a variant is called better or worse only where p is below 0.05 and the interval, which is not corrected, excludes 0`
  );
}

/** Shares of the test rows that have vectors, by variant if they differ; null when no variant reads knowledge. */
export function coverageSentence({ summaries }: Pick<RunResults, "summaries">): string | null {
  const textOf = new Map<string, string>();
  for (const { variant, role, coverage } of summaries) {
    if (role !== "knowledge" || coverage === null) continue;
    textOf.set(variant, coverageText(coverage));
  }
  const texts = [...new Set(textOf.values())];
  if (texts.length === 0) return null;
  const shares =
    texts.length === 1 ? texts : [...textOf].map(([variant, text]) => `${variant}: ${text}`);
  return shares.join("; ");
}

function coverageText({ user, item }: Coverage): string {
  const verb = "of the test rows have";
  if (user === null) return item === null ? "" : `${formatShare(item)} ${verb} an item vector`;
  const ofItems = item === null ? "" : `, ${formatShare(item)} an item vector`;
  return `${formatShare(user)} ${verb} a user vector${ofItems}`;
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

/** "; 1,250 rows left out (k-core 1,000, bad row 250)", in the order of the steps; empty when there are none. */
function leftOutClause(leftOut: readonly LeftOut[]): string {
  const steps = new Map<string, number>();
  for (const { step, rows } of leftOut) steps.set(step, (steps.get(step) ?? 0) + rows);
  if (steps.size === 0) return "";
  const total = leftOut.reduce((sum, { rows }) => sum + rows, 0);
  const parts = [...steps].map(([step, rows]) => `${step} ${formatCount(rows)}`);
  return `; ${formatCount(total)} rows left out (${parts.join(", ")})`;
}

/** "train 737,358 rows, 57.2 % positive". */
export function splitSentence(split: SplitCounts): string {
  return `${split.split} ${formatCount(split.rows)} rows, ${formatShare(split.positiveRate)} positive`;
}

/** How training rows are weighted; null where all count the same. */
export function weightSentence({ splits }: Pick<RunResults, "splits">): string | null {
  const train = splits.find(({ split }) => split === "train");
  if (train?.weight === undefined) return null;
  const mean = (train.weight / train.rows).toPrecision(3);
  return `training rows are weighted, ${mean} on average; scores are not`;
}

/** Who wrote the knowledge. Never presents the built-in profiler as an LLM. */
export function writersSentence(writers: readonly KnowledgeWriter[]): string | null {
  const names = writers.map((writer) =>
    writer.provider === "profiler"
      ? "the built-in profiler (statistics written out as sentences, not an LLM)"
      : `${writer.model} via ${writer.provider}`,
  );
  return names.length === 0 ? null : `written by ${[...new Set(names)].join(" and ")}`;
}

/** The warning for a run on simulated events; null for real ones. */
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

/** What an interval and its p-value support. */
export type Verdict = "higher" | "lower" | "unclear";

/** Below this, a p-value counts. */
const SIGNIFICANCE = 0.05;

/** Higher or lower only when the whole interval is on one side of zero, and no correction for the other pairs takes that back. */
export function verdictOf({
  aucLiftInterval,
  aucPHolm,
}: Pick<Comparison, "aucLiftInterval" | "aucPHolm">): Verdict {
  if (aucLiftInterval === null || (aucPHolm ?? 0) >= SIGNIFICANCE) return "unclear";
  const [low, high] = aucLiftInterval;
  if (low > 0) return "higher";
  return high < 0 ? "lower" : "unclear";
}

/** All comparisons of a variant with Base in one sentence, e.g. "R4ec ranks better than Base on both backbones." */
export function headlineSentence(variant: string, comparisons: readonly Comparison[]): string {
  const name = variant;
  const { total, higher, lower, unclear } = verdictCounts(comparisons);
  const everywhere = ["", "", " on both backbones"][total] ?? ` on all ${total} backbones`;
  const anywhere = ["", "", " on either backbone"][total] ?? ` on any of ${total} backbones`;
  if (higher === total) return `${name} ranks better than Base${everywhere}.`;
  if (lower === total) return `${name} ranks worse than Base${everywhere}.`;
  if (unclear === total) return `No measurable difference between ${name} and Base${anywhere}.`;
  const parts = [
    higher > 0 ? `better on ${higher}` : null,
    lower > 0 ? `worse on ${lower}` : null,
    unclear > 0 ? `no measurable difference on ${unclear}` : null,
  ];
  return `${name} against Base on ${total} backbones: ${parts.filter((part) => part !== null).join(", ")}.`;
}

/**
 * All comparisons of a knowledge variant with the controls in one sentence, e.g. "R4ec against the controls: better than
 * Permuted; no measurable difference from Base + statistics." A claim without a count holds on every backbone.
 */
export function controlsSentence(variant: string, comparisons: readonly Comparison[]): string {
  return `${variant} against the controls: ${claims(comparisons)}.`;
}

/** Likewise of a knowledge variant with those listed before it, e.g. "R4ec against other knowledge: better than KAR." */
export function knowledgeSentence(variant: string, comparisons: readonly Comparison[]): string {
  return `${variant} against other knowledge: ${claims(comparisons)}.`;
}

function claims(comparisons: readonly Comparison[]): string {
  const namesByClaim = new Map<string, string[]>();
  for (const other of new Set(comparisons.map(({ baseline }) => baseline))) {
    const claim = claimOver(comparisons.filter(({ baseline }) => baseline === other));
    namesByClaim.set(claim, [...(namesByClaim.get(claim) ?? []), other]);
  }
  const clauses = [...namesByClaim].map(([claim, names]) =>
    claim.replace("these", () => listed(names)),
  );
  return clauses.join("; ");
}

/** What the comparisons with one other variant support; "these" is a placeholder for the names of such variants. */
function claimOver(comparisons: readonly Comparison[]): string {
  const { total, higher, lower, unclear } = verdictCounts(comparisons);
  if (higher === total) return "better than these";
  if (lower === total) return "worse than these";
  if (unclear === total) return "no measurable difference from these";
  return higher === 0
    ? "not better than these"
    : `better than these on only ${higher} of ${total} backbones`;
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
