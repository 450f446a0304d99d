import type { BackboneName, BackboneOptions } from "../../models/backbones.ts";
import type { ConnectorName } from "../../models/connectors.ts";
import type { AdamOptions, OptimizerState } from "../../optim/adam-options.ts";
import type { ModelShape } from "../../models/model.ts";
import type { Shape } from "../../autodiff/ops.ts";
import type { EngineName } from "./devices.ts";

export type { ModelShape } from "../../models/model.ts";

/**
 * A mini-batch in row-major typed arrays of the engine's full batch size `B`; only the first `size` rows count.
 *
 * Letters: `B` = batch size, `S` = places for attribute values of an item, `H` = history length, `G` = user features, `U`, `V` =
 * widths of the user's and the item's knowledge vector. Ids are dense, 0 = padding or unknown. The arrays are reused from batch
 * to batch.
 */
export interface Batch {
  /** Rows that count, 1 to B. Rows after them hold anything valid and have weight 0. */
  size: number;
  /** Shape `[B]`. */
  readonly items: Int32Array;
  /** Shape `[B, S]`; 0 = the item has no further value. */
  readonly attributes: Int32Array;
  /** Shape `[B, H]`, oldest first, padded on the right with 0. */
  readonly historyItems: Int32Array;
  /** Shape `[B, H, S]`. */
  readonly historyAttributes: Int32Array;
  /** Shape `[B, H]`: index of the rating value, from 1; 0 = padding. */
  readonly historyRatings: Int32Array;
  /** Shape `[B]`: events in the history, 0 to H. */
  readonly historyLengths: Int32Array;
  /** Shape `[B, G]`; absent in models without user features. */
  readonly userFeatures?: Int32Array;
  /** Shape `[B, U]`; absent in models without user vectors. */
  readonly userVectors?: Float32Array;
  /** Shape `[B, V]`; absent in models without item vectors. */
  readonly itemVectors?: Float32Array;
  /** Shape `[B]`, 0 or 1. */
  readonly labels: Float32Array;
  /** Shape `[B]`: what each row counts in the loss, at least 0; absent where all count the same. */
  readonly weights?: Float32Array;
}

/** A tensor that belongs to a trained model, under its PyTorch name. */
export interface ModelTensor {
  readonly name: string;
  readonly shape: Shape;
  /** Buffers are kept but not trained, such as running statistics. */
  readonly kind: "parameter" | "buffer";
}

/** A model with its parameters and optimiser state, ready to train and to score. Blocks its thread while it computes. */
export interface Engine {
  /** Trainable numbers. */
  readonly parameterCount: number;
  /** Parameters, then buffers, each in the order in which the model asks for them. */
  readonly tensors: readonly ModelTensor[];
  /** One AdamW step on the batch. Returns the mean binary cross-entropy before the update, nats; 0 where all rows have weight 0. */
  readonly step: (batch: Batch, learningRate: number) => Promise<number>;
  /** Probabilities of label 1, shape `[size]`. */
  readonly predict: (batch: Batch) => Promise<Float32Array>;
  /** A copy of all {@link tensors}, one after the other. */
  readonly snapshot: () => Promise<Float32Array>;
  readonly restore: (values: Float32Array) => Promise<void>;
  readonly optimizerState: () => Promise<OptimizerState>;
  readonly restoreOptimizer: (state: OptimizerState) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What an engine is made from. */
export interface EngineRequest {
  readonly backbone: BackboneName;
  readonly backboneOptions?: BackboneOptions;
  /** Only used if `shape.knowledge` is given; default "mlp". */
  readonly connector?: ConnectorName;
  readonly shape: ModelShape;
  /** Of start values and dropout. With one thread, equal seeds and batches give equal parameters, bit for bit. */
  readonly seed: number;
  /** Threads of each operation. */
  readonly threads: number;
  readonly optimizer?: AdamOptions;
  /** Share of the hidden units that a training step drops; default 0. */
  readonly dropout?: number;
  /** λ of the penalty `λ/2 Σ p²`; default 0. */
  readonly l2?: number;
  /** Which engine; an engine itself does not ask. Default "onnx". */
  readonly engine?: EngineName;
  /** Where the engine computes: "auto" (default) or one of its `devices`. */
  readonly device?: string;
}

/** Makes an engine. */
export type CreateEngine = (request: EngineRequest) => Promise<Engine>;
