import { activationUnit } from "../layers/attention/activation-unit.ts";
import { weightedSum } from "../layers/attention/attention-pool.ts";
import type { DiceStatistics } from "../layers/dense/dice.ts";
import { embedHistory, embedTarget, sideFeatures } from "../layers/embedding/embedding.ts";
import { linear } from "../layers/dense/linear.ts";
import { outputHead } from "../layers/dense/output-head.ts";
import type { Backbone } from "../model.ts";

/** Sizes of {@link din}. */
export interface DinOptions {
  /** Default [200, 80]. */
  readonly finalWidths?: readonly number[];
  /** Default "running"; "batch" follows the paper's public code. */
  readonly statistics?: DiceStatistics;
}

/**
 * DIN: an MLP over the history's events, weighted by relevance to the target. The weights are not normalised, so that a history with
 * many relevant events counts more.
 * Source: Zhou et al., "Deep Interest Network for Click-Through Rate Prediction", 2018; without softmax, as published.
 *
 * Departures, as in the R4ec paper's public code: events, which have a rating besides item and attributes, are first mapped to the
 * target's width; Dice serves in the activation unit only, the MLP has ReLU. In the reference form, Dice uses batch statistics in scoring
 * too.
 */
export function din({
  finalWidths = [200, 80],
  statistics = "running",
}: DinOptions = {}): Backbone {
  return (scope, inputs, knowledge) => {
    const { ops } = scope;
    const query = embedTarget(scope, inputs); // [B, I]
    const width = ops.shapeOf(query).at(-1) ?? 0;
    const keys = linear(scope, "map_layer", embedHistory(scope, inputs), width); // [B, H, I]
    const scores = activationUnit(scope, "attention_net", { query, keys }, inputs, statistics);
    const interest = weightedSum(scope, ops.mul(scores, inputs.historyMask), keys); // [B, I]
    const side = sideFeatures(scope, inputs, knowledge);
    return outputHead(scope, ops.concat([interest, query, ...side], 1), finalWidths);
  };
}
