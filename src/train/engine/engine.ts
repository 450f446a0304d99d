import type { BackboneName, BackboneOptions } from "../../models/backbones.ts";
import type { ConnectorName } from "../../models/connectors.ts";
import type { ConnectorWeights } from "../../models/connectors/connector-weights.ts";
import type { AdamOptions, OptimizerState } from "../../optim/adam-options.ts";
import type { Backbone, Connector, ModelShape } from "../../models/model.ts";
import type { Shape } from "../../autodiff/ops.ts";
import type { EngineName } from "./devices.ts";
import type { ArraysOf, BatchName } from "./model-inputs.ts";

export type { ModelShape } from "../../models/model.ts";

/**
 * A mini-batch in row-major typed arrays of the engine's full batch size `B`; only the first `size` rows count.
 *
 * {@link modelInputs} says what each array holds. Ids are dense, 0 = padding or unknown. The arrays are reused from batch to batch.
 */
export interface Batch extends ArraysOf<BatchName> {
  /** Rows that count, 1 to B. The rows after them hold any valid values and have weight 0. */
  size: number;
}

/** A tensor that belongs to a trained model, under its PyTorch name. */
export interface ModelTensor {
  readonly name: string;
  readonly shape: Shape;
  /** Buffers are kept but not trained, such as running statistics. */
  readonly kind: "parameter" | "buffer";
}

/** A model with its parameters and optimiser state, ready to train and score. Blocks its thread while it computes. */
export interface Engine {
  /** Trainable numbers. */
  readonly parameterCount: number;
  /** Parameters, then buffers, each in the order the model declares them. */
  readonly tensors: readonly ModelTensor[];
  /** One AdamW step on the batch. Returns the mean binary cross-entropy before the update, nats; 0 if all rows have weight 0. */
  readonly step: (batch: Batch, learningRate: number) => Promise<number>;
  /** Probabilities of label 1, shape `[size]`. */
  readonly predict: (batch: Batch) => Promise<Float32Array>;
  /** A copy of all {@link tensors}, concatenated. */
  readonly snapshot: () => Promise<Float32Array>;
  readonly restore: (values: Float32Array) => Promise<void>;
  readonly optimizerState: () => Promise<OptimizerState>;
  readonly restoreOptimizer: (state: OptimizerState) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What an engine is created from. */
export interface EngineRequest {
  /** Name of a built-in backbone, or a backbone of your own. */
  readonly backbone: BackboneName | Backbone;
  /** Only for a backbone given by name. */
  readonly backboneOptions?: BackboneOptions;
  /** Name of a built-in connector, or one of your own; used only if `shape.knowledge` is given. Default "mlp". */
  readonly connector?: ConnectorName | Connector;
  /** Only for a connector given by name: whether it has the same weights for users and items. Default "separate". */
  readonly connectorWeights?: ConnectorWeights;
  readonly shape: ModelShape;
  /** For initial values and dropout. With one thread, equal seeds and batches give bit-identical parameters. */
  readonly seed: number;
  /** Threads per operation. */
  readonly threads: number;
  readonly optimizer?: AdamOptions;
  /** Share of hidden units that each training step drops; default 0. */
  readonly dropout?: number;
  /** λ of the penalty `λ/2 Σ p²`; default 0. */
  readonly l2?: number;
  /** Read only by `createEngine`. Default "onnx". */
  readonly engine?: EngineName;
  /** Where the engine computes: "auto" (default) or one of its `devices`. */
  readonly device?: string;
}

/** Creates an engine. */
export type CreateEngine = (request: EngineRequest) => Promise<Engine>;
