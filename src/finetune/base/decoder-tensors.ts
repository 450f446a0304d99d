import type { Shape } from "../../autodiff/ops.ts";
import { FlowError } from "../../base/errors.ts";
import { linearNames, linearShapes, type DecoderConfig } from "../decoder/decoder-config.ts";
import type { TensorSource } from "../weights/tensor-source.ts";

/** Every tensor of a decoder with its shape, by its name on the Hugging Face hub. */
export function decoderTensors(config: DecoderConfig): ReadonlyMap<string, Shape> {
  const { layers, hidden, vocabulary, headWidth, hasBiases, hasHeadNorms, isTied } = config;
  const shapes = linearShapes(config);
  const tensors = new Map<string, Shape>([["model.embed_tokens.weight", [vocabulary, hidden]]]);
  for (let layer = 0; layer < layers; layer++) {
    const add = (name: string, shape: Shape): void => {
      tensors.set(`model.layers.${layer}.${name}`, shape);
    };
    add("input_layernorm.weight", [hidden]);
    for (const linear of linearNames) {
      add(`${linear}.weight`, shapes[linear]);
      if (hasBiases && biased.has(linear)) add(`${linear}.bias`, [shapes[linear][0]]);
    }
    if (hasHeadNorms) {
      add("self_attn.q_norm.weight", [headWidth]);
      add("self_attn.k_norm.weight", [headWidth]);
    }
    add("post_attention_layernorm.weight", [hidden]);
  }
  tensors.set("model.norm.weight", [hidden]);
  if (!isTied) tensors.set("lm_head.weight", [vocabulary, hidden]);
  return tensors;
}

const biased = new Set(["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"]);

/**
 * Checks that the weights are those of a decoder, before any of them is read.
 *
 * @param whose - Folder or file, for errors
 * @throws FlowError `INPUT_INVALID` naming the first tensor that is missing or has another shape, or for heads that do not fit together
 */
export function requireTensors(weights: TensorSource, config: DecoderConfig, whose: string): void {
  const { heads, keyHeads, headWidth } = config;
  if (heads % keyHeads !== 0 || headWidth % 2 !== 0) {
    throw new FlowError(
      "INPUT_INVALID",
      `${whose}: ${heads} query heads, ${keyHeads} key heads and a head width of ${headWidth} do not fit together`,
    );
  }
  for (const [name, shape] of decoderTensors(config)) {
    const found = weights.shapeOf(name);
    if (found?.join() === shape.join()) continue;
    const fault =
      found === undefined
        ? `there is no tensor "${name}"`
        : `tensor "${name}" has the shape [${found.join(", ")}], its configuration says [${shape.join(", ")}]`;
    throw new FlowError(
      "INPUT_INVALID",
      `${whose}: ${fault}: the weights and the configuration are not of the same ${config.architecture} model, or incomplete; fetch it again`,
    );
  }
}
