import type { Strategy } from "./strategy.ts";
import { takeSteps, withLastTextFinal } from "./take-steps.ts";

/**
 * Iterative refinement (R4ec): reason; then, at most `rounds` times, reflect and, unless judged reasonable, refine.
 * The last refined text is judged only with `judgeLast`, which changes no text.
 *
 * `is_final` marks the last text there is: a failed reflection or refinement leaves the text before it final; when the
 * first reasoning fails, its row is the only one and none is final.
 */
export const iterate: Strategy = async (context, options) => {
  const { rows, calls, failures, reason, reflect, refine } = takeSteps(context, options, 0);
  let text = await reason();
  for (let round = 0; text !== undefined; round += 1) {
    const isLast = round === options.rounds;
    if (isLast && options.judgeLast !== true) break;
    const answer = await reflect(round, text);
    if (isLast || answer === undefined || answer.judgement === "reasonable") break;
    text = await refine(round + 1, text, answer.reflection);
  }
  return { rows: withLastTextFinal(rows), calls, failures };
};
