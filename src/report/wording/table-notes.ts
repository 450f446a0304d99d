import { formatCount } from "../../page/format-number.ts";
import { overControls } from "./group-comparisons.ts";
import type { RunResults } from "../run-results.ts";
import { wrapWords } from "./wrap-words.ts";
import {
  coverageSentence,
  dataSentence,
  intervalSentence,
  protocolSentence,
  remainderSentence,
  selectionMark,
  selectionSentence,
  simulationSentence,
  splitSentence,
  weightSentence,
  writersSentence,
} from "./sentences.ts";

/** One thing a reader must know beside the figures. */
interface TableNote {
  readonly label: string;
  readonly lines: readonly string[];
  readonly isWarning: boolean;
}

/** The label's column. */
const marginWidth = 11;

/** What stands below the results on a terminal of `width` columns. */
export function tableNotes(results: RunResults, width: number): readonly TableNote[] {
  const stages = results.pendingStages;
  const violations = results.audits.reduce((sum, audit) => sum + audit.violations, 0);
  const texts: readonly (readonly [label: string, text: string | null, isWarning?: boolean])[] = [
    ["Protocol", protocolSentence(results.protocol)],
    ["Data", `${results.dataset.label}: ${dataSentence(results)}`],
    ["Rows", results.splits.length === 0 ? null : results.splits.map(splitSentence).join(" · ")],
    ["Weights", weightSentence(results)],
    [
      "Audits",
      results.audits.length === 0
        ? null
        : `${results.audits.length} leak audits, ${formatCount(violations)} violations`,
      violations > 0,
    ],
    ["Seeds", results.seeds.length === 0 ? null : seedsText(results.seeds)],
    [
      "Epoch",
      results.models.length === 0 ? null : selectionSentence(results),
      selectionMark(results) !== null,
    ],
    ["Interval", intervalSentence(results.comparisons)],
    ...overControls(results.comparisons).map(
      ({ variant, comparisons }) => ["Controls", remainderSentence(variant, comparisons)] as const,
    ),
    ["Coverage", coverageSentence(results)],
    ["Knowledge", writersSentence(results.knowledge.writers)],
    ["Not yet", stages.length === 0 ? null : `waits for the stages ${stages.join(", ")}`],
    ["Note", simulationSentence(results), true],
  ];
  return texts.flatMap(([label, text, isWarning = false]) =>
    text === null ? [] : [{ label, lines: wrapWords(text, width - marginWidth), isWarning }],
  );
}

function seedsText(seeds: readonly number[]): string {
  const list = seeds.join(", ");
  return seeds.length === 1 ? `${list} (one seed: no spread)` : `${list} (± is one sd over seeds)`;
}
