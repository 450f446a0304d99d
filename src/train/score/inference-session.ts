import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Tensor } from "onnxruntime-node";
import { elements } from "../../base/element-count.ts";
import { FlowError, reasonOf } from "../../base/errors.ts";
import type { Batch } from "../engine/engine.ts";
import { outputName } from "../export/inference-model.ts";
import type { ModelCard } from "../export/model-card.ts";
import { createSession, loadOnnxRuntime } from "../../onnx/session/runtime.ts";

/** An exported model, ready to score. */
export interface InferenceSession {
  /** Probabilities of label 1, shape `[size]`. Blocks the thread. */
  readonly predict: (batch: Batch) => Promise<Float32Array>;
  readonly close: () => Promise<void>;
}

/**
 * Opens the model that a card describes.
 *
 * @param folder - The trained model's folder
 * @throws `RUN_INVALID` if the file is missing or not the one that the card describes
 */
export async function openInferenceSession(
  folder: string,
  card: ModelCard,
  threads: number,
): Promise<InferenceSession> {
  const path = join(folder, card.model.file);
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new FlowError(
      "RUN_INVALID",
      `${path}: ${reasonOf(error)}; run the pipeline again: that trains the model again`,
    );
  });
  if (createHash("sha256").update(bytes).digest("hex") !== card.model.sha256) {
    throw new FlowError(
      "RUN_INVALID",
      `${path} is not the file that model.json describes; delete it and run the pipeline again: that trains the model again`,
    );
  }
  const runtime = await loadOnnxRuntime();
  const session = await createSession(runtime, bytes, {
    threads,
    graphOptimizationLevel: "all",
  });
  const tensorOf = (
    { size: rows, ...arrays }: Batch,
    { name, shape }: ModelCard["inputs"][number],
  ): Tensor => {
    const values = new Map(Object.entries(arrays)).get(name);
    const sizes = shape.map((size) => (size === "batch" ? rows : size));
    const length = elements(sizes);
    if (values instanceof Float32Array)
      return new runtime.Tensor(values.subarray(0, length), sizes);
    if (values instanceof Int32Array) return new runtime.Tensor(values.subarray(0, length), sizes);
    throw new Error(`internal: the batch has no "${name}"`);
  };
  return {
    predict: async (batch) => {
      const feeds = card.inputs.map((input) => [input.name, tensorOf(batch, input)] as const);
      const outputs = await session.run(Object.fromEntries(feeds));
      const probabilities = outputs[outputName]?.data;
      if (probabilities instanceof Float32Array) return probabilities;
      throw new Error(`internal: ${path} has no output ${outputName}`);
    },
    close: () => session.release(),
  };
}
