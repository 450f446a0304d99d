import { AnswerPending } from "../../llm/chat.ts";
import type { KnowledgeRow } from "../knowledge-row.ts";
import type { Strategy, StrategyOptions, StrategyResult } from "./strategy.ts";
import { takeSteps } from "./take-steps.ts";

/**
 * Reflection as a filter (R4ec): `samples` texts by the actor, side by side, each judged once.
 *
 * `is_final` marks the texts judged reasonable or, when there is none, all texts. A text whose judgement failed counts as
 * not judged reasonable; a sample without a text is never final.
 */
export const filter: Strategy = async (context, options) => {
  const told = await Promise.all(
    Array.from({ length: options.samples }, (_, sample) =>
      unlessPending(judgedText(context, options, sample)),
    ),
  );
  const judged = told.map((one) => {
    if (one instanceof AnswerPending) throw one;
    return one;
  });
  return {
    rows: withKeptFinal(judged.map(({ rows }) => rows)),
    calls: judged.flatMap(({ calls }) => calls),
    failures: judged.flatMap(({ failures }) => failures),
  };
};

async function judgedText<C>(
  context: C,
  options: StrategyOptions<C>,
  sample: number,
): Promise<StrategyResult> {
  const { rows, calls, failures, reason, reflect } = takeSteps(context, options, sample);
  const text = await reason();
  if (text !== undefined) await reflect(0, text);
  return { rows, calls, failures };
}

/** Run side by side, so that one sample waiting for a batch does not keep the others out of it. */
async function unlessPending(
  told: Promise<StrategyResult>,
): Promise<StrategyResult | AnswerPending> {
  try {
    return await told;
  } catch (thrown) {
    if (thrown instanceof AnswerPending) return thrown;
    throw thrown;
  }
}

function withKeptFinal(samples: readonly (readonly KnowledgeRow[])[]): readonly KnowledgeRow[] {
  const isReasonable = (rows: readonly KnowledgeRow[]): boolean =>
    rows.some(({ judgement }) => judgement === "reasonable");
  const isAnyReasonable = samples.some(isReasonable);
  return samples.flatMap((rows) => {
    const isKept = !isAnyReasonable || isReasonable(rows);
    return rows.map((row) => ({
      ...row,
      is_final: isKept && row.role === "actor" && row.text !== null,
    }));
  });
}
