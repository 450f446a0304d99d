export type { ModelShape } from "../models/model.ts";

/**
 * A mini-batch in row-major typed arrays of the engine's full batch size `B`; only the first `size` rows count.
 *
 * Letters: `B` = batch size, `A` = attributes an item, `H` = history length, `U`, `V` = widths of the user's and the item's
 * knowledge vector. Ids are dense, 0 = padding or unknown. The arrays are reused from batch to batch.
 */
export interface Batch {
  /** Rows that count, 1 to B. Rows after them hold anything valid and have weight 0. */
  size: number;
  /** Shape `[B]`. */
  readonly items: Int32Array;
  /** Shape `[B, A]`. */
  readonly attributes: Int32Array;
  /** Shape `[B, H]`, oldest first, padded on the right with 0. */
  readonly historyItems: Int32Array;
  /** Shape `[B, H, A]`. */
  readonly historyAttributes: Int32Array;
  /** Shape `[B, H]`: index of the rating value, from 1; 0 = padding. */
  readonly historyRatings: Int32Array;
  /** Shape `[B]`: events in the history, 0 to H. */
  readonly historyLengths: Int32Array;
  /** Shape `[B, U]`; absent in models without knowledge. */
  readonly userVectors?: Float32Array;
  /** Shape `[B, V]`; absent in models without knowledge. */
  readonly itemVectors?: Float32Array;
  /** Shape `[B]`, 0 or 1. */
  readonly labels: Float32Array;
}

/** A model with its parameters and optimiser state, ready to train and to score. Blocks its thread while it computes. */
export interface Engine {
  /** Trainable numbers. */
  readonly parameterCount: number;
  /** One AdamW step on the batch. Returns the mean binary cross-entropy before the update, nats. */
  readonly step: (batch: Batch, learningRate: number) => Promise<number>;
  /** Probabilities of label 1, shape `[size]`. */
  readonly predict: (batch: Batch) => Promise<Float32Array>;
  /** A copy of all parameters, in a fixed order. */
  readonly snapshot: () => Float32Array;
  readonly restore: (parameters: Float32Array) => void;
  readonly close: () => Promise<void>;
}
