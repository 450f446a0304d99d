import type { Strategy } from "./strategy.ts";
import { takeSteps, withLastTextFinal } from "./take-steps.ts";

/** One text by the actor, without judgement: R2ec, and KAR, whose prompt is the actor's own. */
export const actorOnly: Strategy = async (context, options) => {
  const { rows, calls, failures, reason } = takeSteps(context, options, 0);
  await reason();
  return { rows: withLastTextFinal(rows), calls, failures };
};
