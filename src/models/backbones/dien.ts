import { activationUnit } from "../layers/attention/activation-unit.ts";
import { maskedSoftmax, weightedSum } from "../layers/attention/attention-pool.ts";
import { embedHistory, embedTarget, sideFeatures } from "../layers/embedding/embedding.ts";
import { gru, stackStates, type GruStates } from "../layers/sequence/gru.ts";
import { nextEventLoss } from "../layers/sequence/next-event-loss.ts";
import { outputHead } from "../layers/dense/output-head.ts";
import type { Backbone, ModelInputs, ModelScope } from "../model.ts";

/** How attention enters the second GRU of DIEN, see {@link DienOptions.gru}. */
export const evolutionGrus = ["augru", "aigru", "gru"] as const;
export type EvolutionGru = (typeof evolutionGrus)[number];

/** Options of {@link dien}. */
export interface DienOptions {
  /**
   * - "augru": attention scales the second GRU's update gate; its last state is the interest
   * - "aigru": attention scales the second GRU's inputs; its last state is the interest
   * - "gru": the interest is the sum of the second GRU's states, weighted by attention
   * - "auto" (default): "aigru" with form "reference", otherwise "augru"
   */
  readonly gru?: EvolutionGru | "auto";
  /** α, weight of the auxiliary loss; default 0, none. */
  readonly auxiliaryLoss?: number;
  /** Default [200, 80]. */
  readonly finalWidths?: readonly number[];
  /**
   * Default "corrected". "reference" follows the paper's public code: attention has no softmax, and Dice uses batch statistics in scoring
   * too. That code runs "aigru" without an auxiliary loss.
   */
  readonly form?: "corrected" | "reference";
}

/**
 * DIEN: one GRU extracts an interest from each event, a second one models how the interests relevant to the target evolve.
 * Source: Zhou et al., "Deep Interest Evolution Network for Click-Through Rate Prediction", 2019.
 *
 * Departures: by default no auxiliary loss, as in the R4ec paper's public code; attention is DIN's activation unit under a softmax, where
 * DIEN has a bilinear form; the first GRU sees the ratings of events as well.
 */
export function dien({
  gru: chosen = "auto",
  auxiliaryLoss = 0,
  finalWidths = [200, 80],
  form = "corrected",
}: DienOptions = {}): Backbone {
  const kind = chosen !== "auto" ? chosen : form === "reference" ? "aigru" : "augru";
  return (scope, inputs, knowledge) => {
    const { ops, isTraining, addLoss } = scope;
    const { historyMask: mask } = inputs;
    const query = embedTarget(scope, inputs); // [B, I]
    const width = ops.shapeOf(query).at(-1) ?? 0;
    const events = embedHistory(scope, inputs); // [B, H, E]
    const extracted = gru(scope, "interest_extractor.gru", events, { width, mask });
    const keys = stackStates(scope, extracted, mask); // [B, H, I]
    if (isTraining && auxiliaryLoss > 0) {
      const items = ops.slice(events, 2, 0, width); // events without their ratings
      const loss = nextEventLoss(scope, inputs, keys, items);
      if (loss !== undefined) addLoss(ops.mul(loss, auxiliaryLoss));
    }
    const interest = evolve(scope, inputs, { query, keys, kind, form }); // [B, I]
    const side = sideFeatures(scope, inputs, knowledge);
    return outputHead(scope, ops.concat([interest, query, ...side], 1), finalWidths);
  };
}

/**
 * The interest in the target.
 *
 * @param query - Shape `[B, I]`
 * @param keys - Interests after each event, shape `[B, H, I]`
 * @returns Shape `[B, I]`
 */
function evolve<T>(
  scope: ModelScope<T>,
  inputs: ModelInputs<T>,
  {
    query,
    keys,
    kind,
    form,
  }: {
    readonly query: T;
    readonly keys: T;
    readonly kind: EvolutionGru;
    readonly form: "corrected" | "reference";
  },
): T {
  const { ops, shape } = scope;
  const { historyMask: mask } = inputs;
  const width = ops.shapeOf(query).at(-1) ?? 0;
  const attend = (to: T): T => {
    const name = "interest_evolution.attention";
    const pair = { query, keys: to };
    return form === "corrected"
      ? maskedSoftmax(scope, activationUnit(scope, name, pair, inputs, "running"), mask)
      : ops.mul(activationUnit(scope, name, pair, inputs, "batch"), mask);
  }; // [B, H]
  const evolution = (x: T, attention?: T): GruStates<T> =>
    gru(scope, "interest_evolution.interest_evolution", x, {
      width,
      mask,
      ...(attention !== undefined && { attention }),
    });
  switch (kind) {
    case "augru":
      return evolution(keys, attend(keys)).last;
    case "aigru": {
      const weights = ops.reshape(attend(keys), [shape.batchSize, shape.history, 1]);
      return evolution(ops.mul(keys, weights)).last;
    }
    case "gru": {
      const states = stackStates(scope, evolution(keys), mask);
      return weightedSum(scope, attend(states), states);
    }
  }
}
