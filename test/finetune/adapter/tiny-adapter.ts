import {
  linearNames,
  linearShapes,
  type Architecture,
  type DecoderConfig,
  type LinearName,
} from "../../../src/finetune/decoder/decoder-config.ts";
import type { LoraAdapter } from "../../../src/finetune/adapter/lora-adapter.ts";
import { createRandom } from "../../../src/base/random.ts";

/** Two layers of width 8 with 2 query heads and 1 key head of width 4. */
export function tinyConfig(architecture: Architecture = "llama"): DecoderConfig {
  return {
    architecture,
    ...{ layers: 2, hidden: 8, heads: 2, keyHeads: 1, headWidth: 4, inner: 12, vocabulary: 16 },
    ...{ normEpsilon: 1e-5, ropeBase: 10_000, contextTokens: 64 },
    hasBiases: architecture === "qwen2",
    hasHeadNorms: architecture === "qwen3",
    isTied: true,
  };
}

/** An adapter of rank 2 and alpha 4 with seeded normal numbers, in A and in B. */
export function tinyAdapter(
  config: DecoderConfig = tinyConfig(),
  targets: readonly LinearName[] = linearNames,
): LoraAdapter {
  const random = createRandom(1, "tiny adapter");
  const rank = 2;
  const shapes = linearShapes(config);
  const normals = (length: number): Float32Array => Float32Array.from({ length }, random.normal);
  return {
    lora: { rank, alpha: 4, dropout: 0.05, targets },
    config,
    base: "models/tiny",
    matrices: Array.from({ length: config.layers }, (_, layer) =>
      targets.map((linear) => {
        const [outputs, inputs] = shapes[linear];
        return { layer, linear, a: normals(rank * inputs), b: normals(outputs * rank) };
      }),
    ).flat(),
  };
}
