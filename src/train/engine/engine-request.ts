import type { EngineRequest, ModelShape } from "./engine.ts";
import type { TrainTaskSettings } from "../settings.ts";
import { rowSizes } from "../data/row-sizes.ts";
import type { TrainingData } from "../data/training-data.ts";

interface RequestParts extends Pick<EngineRequest, "backbone" | "shape" | "seed" | "threads"> {
  readonly settings: TrainTaskSettings;
}

/** The engine that the settings ask for. */
export function engineRequest({ settings, ...parts }: RequestParts): EngineRequest {
  const { engine, device, connector, form, dien, weightDecay, dropout, l2 } = settings;
  const { connectorWeights = "shared" } = settings;
  return {
    ...parts,
    ...{ engine, device, connector, connectorWeights, dropout, l2 },
    backboneOptions: { form, dien },
    optimizer: {
      epsilonPlacement: form === "reference" ? "beforeBiasCorrection" : "afterBiasCorrection",
      weightDecay,
    },
  };
}

/** The sizes of a model for this data. */
export function modelShape(
  data: TrainingData,
  { batchSize, embeddingDim }: Pick<TrainTaskSettings, "batchSize" | "embeddingDim">,
): ModelShape {
  const { items, samples, listedValues } = data;
  const { history, isWeighted, ratings } = samples;
  return {
    ...rowSizes({ ...data, history, isWeighted }),
    batchSize,
    items: items.index.size,
    attributeValues: items.attributeValues,
    ratings: ratings.length,
    ...(listedValues !== undefined && { listedValues }),
    embeddingDim,
  };
}
