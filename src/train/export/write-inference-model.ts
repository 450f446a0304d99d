import { createHash } from "node:crypto";
import { join } from "node:path";
import { replaceFile } from "../../base/files/durable-file.ts";
import { packageVersion } from "../../base/package-version.ts";
import type { DenseIndex } from "../data/dense-index.ts";
import { modelInputs, type InputSpec } from "../engine/model-inputs.ts";
import { onnxShape } from "../../onnx/emit/emit.ts";
import { auc, logLoss } from "../../metrics/metrics.ts";
import type { ModelDefinition } from "../engine/model-definition.ts";
import type { NamedTensor } from "../../optim/safetensors.ts";
import type { TrainTaskSettings } from "../settings.ts";
import { userFeaturesOf } from "../train-tasks.ts";
import type { TrainingOutcome } from "../loop/training-outcome.ts";
import type { VectorTable } from "../data/vectors.ts";
import { inferenceModel, outputName, type InferenceModel } from "./inference-model.ts";
import { feedingRules, modelFiles, type ModelCard } from "./model-card.ts";

/** A trained model with the chosen epoch's weights. */
export interface FinishedModel {
  readonly tensors: readonly NamedTensor[];
  readonly outcome: TrainingOutcome;
  readonly definition: ModelDefinition;
  readonly settings: TrainTaskSettings;
  readonly protocol: string;
  readonly taskKey: string;
}

/**
 * Writes `model.onnx`, then `model.json`, which holds its sha256. Each file is replaced atomically.
 *
 * @param folder - The trained model's folder
 */
export async function writeInferenceModel(folder: string, finished: FinishedModel): Promise<void> {
  const { bytes, ...written } = inferenceModel({
    ...finished.definition,
    tensors: new Map(finished.tensors.map(({ name, values }) => [name, values])),
  });
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const card = modelCardOf(finished, { ...written, sha256, r4ec: await packageVersion() });
  await replaceFile(join(folder, modelFiles.model), bytes);
  await replaceFile(join(folder, modelFiles.card), `${JSON.stringify(card, null, 2)}\n`);
}

interface WrittenModel extends Pick<InferenceModel, "inputs" | "looksAcrossRows"> {
  readonly sha256: string;
  readonly r4ec: string;
}

function modelCardOf(
  { outcome, definition: { shape }, settings, protocol, taskKey }: FinishedModel,
  { sha256, inputs, looksAcrossRows, r4ec }: WrittenModel,
): ModelCard {
  const { params, data, trained, selection, parameterCount } = outcome;
  const { backbone, variant, trial, seed } = params;
  const epoch = trained.log.find((entry) => entry.epoch === trained.bestEpoch);
  const { items, samples, userFeatures, knowledge } = data;
  const leftOut = items.cut.reduce((sum, attribute) => sum + attribute.leftOut, 0);
  const vectors = ({ width, encoder }: VectorTable, rule: string) => {
    return { width, encoder: encoder ?? null, rule };
  };
  return {
    format: 1,
    r4ec,
    task: taskKey,
    model: {
      file: modelFiles.model,
      sha256,
      backbone,
      form: settings.form,
      connector: shape.knowledge === undefined ? null : settings.connector,
      parameters: parameterCount,
      looksAcrossRows,
    },
    variant,
    protocol,
    trial,
    seed,
    epoch: trained.bestEpoch,
    selectedOn: selection,
    selectedBy: selection === "last" ? null : settings.stopOn,
    figures: {
      trainLoss: epoch?.trainLoss ?? null,
      validAuc: epoch?.validAuc ?? null,
      validLogLoss: epoch?.validLogLoss ?? null,
      testAuc: auc(trained.probabilities, trained.labels),
      testLogLoss: logLoss(trained.probabilities, trained.labels),
    },
    settings: { ...settings },
    inputs: inputs.map(portOf),
    outputs: [
      {
        name: outputName,
        type: "float32",
        shape: ["batch"],
        meaning: "probability that the user likes the item",
      },
    ],
    items: { ...idList(items.index), rule: feedingRules.items },
    attributes: {
      names: [...settings.attributes],
      slots: [...shape.attributeSlots],
      which: settings.attributeValues,
      values: shape.attributeValues,
      ...(leftOut > 0 && { leftOut }),
      rule: feedingRules.attributes,
    },
    ...(userFeatures && {
      userFeatures: {
        names: [...userFeaturesOf(settings, params)],
        values: userFeatures.values,
        users: idList(samples.users),
        rule: feedingRules.userFeatures,
      },
    }),
    ratings: { values: [...samples.ratings], rule: feedingRules.ratings },
    history: { length: shape.history, rule: feedingRules.history },
    vectors: {
      ...(knowledge?.user && { user: vectors(knowledge.user, feedingRules.userVectors) }),
      ...(knowledge?.item && { item: vectors(knowledge.item, feedingRules.itemVectors) }),
    },
  };
}

function portOf({ name, type, shape }: InputSpec): ModelCard["inputs"][number] {
  const { meaning } = modelInputs[name];
  if (meaning === undefined) throw new Error(`internal: input "${name}" has no meaning`);
  const sizes = onnxShape(shape).map((size) => (typeof size === "number" ? size : "batch"));
  return { name, type, shape: sizes, meaning };
}

function idList({ ids, size }: DenseIndex): Pick<ModelCard["items"], "count" | "sha256"> {
  return { count: size, sha256: idsHash(ids) };
}

/** sha256 of ids as decimal text, each followed by a line feed. */
export function idsHash(ids: Int32Array): string {
  const hash = createHash("sha256");
  for (const id of ids) hash.update(`${id}\n`);
  return hash.digest("hex");
}
