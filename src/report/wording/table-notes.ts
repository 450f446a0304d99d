import { formatCount } from "../../page/format-number.ts";
import { betweenKnowledge, overControls } from "./group-comparisons.ts";
import type { RunResults } from "../run-results.ts";
import { unknownVariants, variantSentences } from "./variant-sentences.ts";
import { missingAnswersSentence } from "./missing-answers.ts";
import { wrapWords } from "./wrap-words.ts";
import {
  correctionSentence,
  coverageSentence,
  dataSentence,
  intervalSentence,
  knowledgeSentence,
  protocolSentence,
  controlsSentence,
  selectionMark,
  selectionSentence,
  simulationSentence,
  splitSentence,
  weightSentence,
  writersSentence,
} from "./sentences.ts";

/** One thing to know when reading the scores. */
interface TableNote {
  readonly label: string;
  readonly lines: readonly string[];
  readonly isWarning: boolean;
}

/** Width of the labels, in characters. */
const marginWidth = 11;

/** The notes below the results, wrapped for a terminal of `width` columns. */
export function tableNotes(results: RunResults, width: number): readonly TableNote[] {
  const stages = results.pendingStages;
  const violations = results.audits.reduce((sum, audit) => sum + audit.violations, 0);
  const texts: readonly (readonly [label: string, text: string | null, isWarning?: boolean])[] = [
    ["Protocol", protocolSentence(results)],
    ["Data", `${results.dataset.label}: ${dataSentence(results)}`],
    ["Rows", results.splits.length === 0 ? null : results.splits.map(splitSentence).join(" · ")],
    ["Weights", weightSentence(results)],
    [
      "Audits",
      results.audits.length === 0
        ? null
        : `${counted(results.audits.length, "leak audit")}, ${counted(violations, "violation")}${unaudited(results)}`,
      violations > 0,
    ],
    ["Seeds", results.seeds.length === 0 ? null : seedsText(results.seeds)],
    [
      "Epoch",
      results.models.length === 0 ? null : selectionSentence(results),
      selectionMark(results) !== null,
    ],
    ["Interval", intervalSentence(results.comparisons)],
    ["p", correctionSentence(results.comparisons)],
    ...overControls(results.comparisons).map(
      ({ variant, comparisons }) => ["Controls", controlsSentence(variant, comparisons)] as const,
    ),
    ...knowledgeNotes(results),
    ["Coverage", coverageSentence(results)],
    ...variantSentences(results).map(
      ({ variant, text }) => ["Variant", `${variant}: ${text}`] as const,
    ),
    ["Knowledge", writersSentence(results.knowledge.writers)],
    ["Errors", missingAnswersSentence(results.knowledge.errors), true],
    ["Pending", stages.length === 0 ? null : `the stages ${stages.join(", ")}`],
    ["Note", simulationSentence(results), true],
  ];
  return texts.flatMap(([label, text, isWarning = false]) =>
    text === null ? [] : [{ label, lines: wrapWords(text, width - marginWidth), isWarning }],
  );
}

/** More variants than this are compared with each other only in the report and the tables. */
const mostKnowledge = 4;

/** Knowledge variants against each other; of many, only where to find that. */
function knowledgeNotes({
  comparisons,
}: RunResults): readonly (readonly [label: string, text: string])[] {
  const groups = betweenKnowledge(comparisons);
  if (groups.length < mostKnowledge) {
    return groups.map(
      ({ variant, comparisons: own }) => ["Pairs", knowledgeSentence(variant, own)] as const,
    );
  }
  const variants = counted(groups.length + 1, "knowledge variant");
  return [
    ["Pairs", `${variants} against each other: see the report, or r4ec sql RUN --saved pairs`],
  ];
}

/** What the audits do not cover; empty where they cover everything. */
function unaudited(results: RunResults): string {
  const unknown = unknownVariants(results);
  return unknown === null ? "" : `; they say nothing of the vectors of ${unknown}`;
}

function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function seedsText(seeds: readonly number[]): string {
  const list = seeds.join(", ");
  return seeds.length === 1
    ? `${list} (one seed: no spread)`
    : `${list} (± is one standard deviation over seeds)`;
}
