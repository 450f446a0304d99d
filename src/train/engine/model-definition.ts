import { backbones } from "../../models/backbones.ts";
import { connectors } from "../../models/connectors.ts";
import type { EngineRequest } from "./engine.ts";
import type { ModelDefinition } from "./traced-model.ts";

/** The model that is asked of an engine. */
export function modelDefinition({
  backbone,
  backboneOptions = {},
  connector = "mlp",
  shape,
  dropout = 0,
  l2 = 0,
}: EngineRequest): ModelDefinition {
  return {
    backbone: backbones[backbone](backboneOptions),
    connector: connectors[connector](),
    shape,
    dropout,
    l2,
  };
}
