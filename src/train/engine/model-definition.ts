import { backbones } from "../../models/backbones.ts";
import { connectors } from "../../models/connectors.ts";
import type { Backbone, Connector, ModelShape } from "../../models/model.ts";
import type { EngineRequest } from "./engine.ts";

/** What decides a model's graph. */
export interface ModelDefinition {
  readonly backbone: Backbone;
  /** Used if `shape.knowledge` is given. */
  readonly connector: Connector;
  readonly shape: ModelShape;
  /** Share of the hidden units that a training step drops; default 0. */
  readonly dropout?: number;
  /** λ of a penalty `λ/2 Σ p²` on all parameters, added to their gradients as by PyTorch's Adam, not to the loss; default 0. */
  readonly l2?: number;
}

/** The model that a request asks for, its backbone and connector found by name where they are names. */
export function modelDefinition({
  backbone,
  backboneOptions = {},
  connector = "mlp",
  shape,
  dropout = 0,
  l2 = 0,
}: EngineRequest): ModelDefinition {
  return {
    backbone: typeof backbone === "string" ? backbones[backbone](backboneOptions) : backbone,
    connector: typeof connector === "string" ? connectors[connector]() : connector,
    shape,
    dropout,
    l2,
  };
}
