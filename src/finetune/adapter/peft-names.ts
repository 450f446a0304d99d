/** @file Names and fields of an adapter folder as the library PEFT writes and reads it. */
import { z } from "zod";
import { linearNames, type LinearName } from "../decoder/decoder-config.ts";

/** The two files of an adapter folder. */
export const peftFiles = {
  weights: "adapter_model.safetensors",
  config: "adapter_config.json",
} as const;

/** A tensor's name, such as `base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight`. */
export function peftName(layer: number, linear: LinearName, part: "A" | "B"): string {
  return `base_model.model.model.layers.${layer}.${linear}.lora_${part}.weight`;
}

/** What PEFT calls a linear layer: the last part of its name. */
export function moduleName(linear: LinearName): string {
  return linear.slice(linear.indexOf(".") + 1);
}

/** The layer and linear layer that a tensor of either part belongs to; null for any other tensor. */
export function placeOf(
  name: string,
): { readonly layer: number; readonly linear: LinearName } | null {
  const found = /^base_model\.model\.model\.layers\.(\d+)\.(.+)\.lora_[AB]\.weight$/.exec(name);
  const linear = linearNames.find((one) => one === found?.[2]);
  return linear === undefined ? null : { layer: Number(found?.[1]), linear };
}

const absent = z.union([z.null(), z.array(z.unknown()).length(0), z.strictObject({})]);

/** Ways to start that leave the base model as it is; of others, such as PiSSA, the adapter is for a changed one. */
const plainStart = z.union([z.boolean(), z.null(), z.enum(["gaussian", "orthogonal", "eva"])]);

/** What is read of `adapter_config.json`. Fields that would change what the matrices mean must have the value that changes nothing. */
export const peftConfig = z.looseObject({
  peft_type: z.literal("LORA"),
  base_model_name_or_path: z.string().nullish(),
  r: z.int().min(1),
  lora_alpha: z.number().positive(),
  lora_dropout: z.number().min(0).lt(1).default(0),
  bias: z.literal("none").default("none"),
  fan_in_fan_out: z.literal(false).default(false),
  use_rslora: z.literal(false).default(false),
  use_dora: z.literal(false).default(false),
  use_qalora: z.literal(false).default(false),
  lora_bias: z.literal(false).default(false),
  init_lora_weights: plainStart.default(true),
  modules_to_save: absent.default(null),
  layer_replication: absent.default(null),
  target_parameters: absent.default(null),
  alora_invocation_tokens: absent.default(null),
  trainable_token_indices: absent.default(null),
  rank_pattern: absent.default(null),
  alpha_pattern: absent.default(null),
});
