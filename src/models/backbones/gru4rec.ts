import {
  embedHistory,
  embedTarget,
  historyMean,
  sideFeatures,
} from "../layers/embedding/embedding.ts";
import { gru, stackStates } from "../layers/sequence/gru.ts";
import { itemAttention, type ItemAttentionOptions } from "../layers/attention/item-attention.ts";
import { outputHead } from "../layers/dense/output-head.ts";
import type { Backbone } from "../model.ts";

/** Sizes of {@link gru4rec}. */
export interface Gru4recOptions {
  /** Width of the GRU's state; default 64. */
  readonly width?: number;
  /** Heads of the attention on the item; default 4. */
  readonly heads?: number;
  /** Default [200, 80]. */
  readonly finalWidths?: readonly number[];
  /** Default "sample"; "batch" follows the paper's public code. */
  readonly attentionOver?: ItemAttentionOptions["over"];
}

/**
 * GRU4Rec as in the R4ec paper's public code: an MLP over the means of events and GRU states, the item, and attention on the item.
 * Source: Hidasi et al., "Session-based Recommendations with Recurrent Neural Networks", 2016, for the GRU over a history.
 *
 * Only the GRU is theirs. They train it to rank the next item, with a ranking loss (BPR or TOP1); here one target is scored, and trained on
 * with cross-entropy, like every backbone.
 *
 * In the reference form, attention runs across the batch, see {@link ItemAttentionOptions}.
 */
export function gru4rec({
  width = 64,
  heads = 4,
  finalWidths = [200, 80],
  attentionOver = "sample",
}: Gru4recOptions = {}): Backbone {
  return (scope, inputs, knowledge) => {
    const { historyMask: mask, rowWeights } = inputs;
    const item = embedTarget(scope, inputs); // [B, I]
    const attended = itemAttention(scope, "intra_item_attn", item, rowWeights, {
      heads,
      over: attentionOver,
    }); // [B, I]
    const events = embedHistory(scope, inputs); // [B, H, E]
    const states = stackStates(scope, gru(scope, "intra_hist_gru", events, { width, mask }), mask);
    const means = [events, states].map((x) => historyMean(scope, inputs, x)); // [B, E], [B, w]
    const side = sideFeatures(scope, inputs, knowledge);
    return outputHead(scope, scope.ops.concat([...means, item, attended, ...side], 1), finalWidths);
  };
}
