/** @file How much memory scoring takes, known before anything is made. */
import { peakBytes } from "../../autodiff/peak-bytes.ts";
import { elements } from "../../base/element-count.ts";
import type { MemoryBudget } from "../../base/memory-budget.ts";
import type { BackboneName } from "../../models/backbones.ts";
import { rowSizes, type ModelFeatures } from "../data/row-sizes.ts";
import type { ModelShape } from "../engine/engine.ts";
import { engineRequest } from "../engine/engine-request.ts";
import { modelDefinition } from "../engine/model-definition.ts";
import { batchNames, inputSpecs } from "../engine/model-inputs.ts";
import { totalElements } from "../engine/model-tensors.ts";
import { traceScoring } from "../engine/scoring-graph.ts";
import type { ModelCard } from "../export/model-card.ts";
import type { TrainTaskSettings } from "../settings.ts";

/** Rows per batch where the memory allows it. */
const mostRows = 1024;
/** ONNX Runtime takes memory in pieces, each twice as large as the one before. */
const sessionSpare = 2;

export interface ScoringBatchOptions {
  readonly backbone: BackboneName;
  readonly card: Pick<ModelCard, "model" | "items" | "attributes" | "ratings" | "history">;
  /** As the model was trained. */
  readonly settings: TrainTaskSettings;
  readonly features: Omit<ModelFeatures, "history">;
  readonly budget: MemoryBudget;
}

/**
 * How many rows to score at a time: 1,024, or fewer where these would take more memory than is free. A model that looks across rows
 * gets as many as in training.
 *
 * @throws `OUT_OF_MEMORY` if not even one row, or not as many as the model needs, can be scored
 */
export function scoringRows(options: ScoringBatchOptions): number {
  const { backbone, card, settings, features, budget } = options;
  const shape: ModelShape = {
    ...rowSizes({ ...features, history: card.history.length }),
    batchSize: 1,
    items: card.items.count,
    attributeValues: card.attributes.values,
    ratings: card.ratings.values.length,
    embeddingDim: settings.embeddingDim,
  };
  const bytesFor = (rows: number): number =>
    scoringBytes({ ...shape, batchSize: rows }, backbone, settings);
  let rows = card.model.looksAcrossRows ? settings.batchSize : mostRows;
  while (!card.model.looksAcrossRows && rows > 1 && bytesFor(rows) > budget.freeBytes()) rows /= 2;
  budget.take({ what: "the model and a batch of rows", bytes: bytesFor(rows) });
  return rows;
}

/** The model, its inputs, and the tensors of one batch. */
function scoringBytes(
  shape: ModelShape,
  backbone: BackboneName,
  settings: TrainTaskSettings,
): number {
  const request = engineRequest({ settings, shape, backbone, seed: 0, threads: 1 });
  const { parameters, probabilities } = traceScoring(modelDefinition(request));
  const weights = totalElements(parameters.map(({ node }) => node));
  const fed = inputSpecs(shape, batchNames).reduce((sum, one) => sum + elements(one.shape), 0);
  return sessionSpare * peakBytes([probabilities]) + 4 * (2 * weights + fed);
}
