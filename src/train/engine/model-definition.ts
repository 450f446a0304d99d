import { backbones } from "../../models/backbones.ts";
import { connectors } from "../../models/connectors.ts";
import type { Backbone, Connector, ModelShape } from "../../models/model.ts";
import type { EngineRequest } from "./engine.ts";

/** Everything that determines a model's graph. */
export interface ModelDefinition {
  readonly backbone: Backbone;
  /** Used only if `shape.knowledge` is given. */
  readonly connector: Connector;
  readonly shape: ModelShape;
  /** Share of hidden units that each training step drops; default 0. */
  readonly dropout?: number;
  /** λ of a penalty `λ/2 Σ p²` on all parameters, added to their gradients as in PyTorch's Adam, not to the loss; default 0. */
  readonly l2?: number;
}

/** The requested model; the only place that looks up backbones and connectors by name. */
export function modelDefinition({
  backbone,
  backboneOptions = {},
  connector = "mlp",
  connectorWeights = "separate",
  shape,
  dropout = 0,
  l2 = 0,
}: EngineRequest): ModelDefinition {
  return {
    backbone: typeof backbone === "string" ? backbones[backbone](backboneOptions) : backbone,
    connector: typeof connector === "string" ? connectors[connector](connectorWeights) : connector,
    shape,
    dropout,
    l2,
  };
}
