/** @file The `config.json` of decoders from the Hugging Face hub. */
import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import { architectures, type DecoderConfig } from "../decoder/decoder-config.ts";

const size = z.int().positive();
const ropeSchema = z.looseObject({
  rope_theta: z.number().positive().optional(),
  rope_type: z.string().optional(),
  type: z.string().optional(),
});
const configSchema = z.looseObject({
  hidden_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  intermediate_size: size,
  vocab_size: size,
  max_position_embeddings: size,
  rms_norm_eps: z.number().positive(),
  rope_theta: z.number().positive().nullish(),
  rope_scaling: ropeSchema.nullish(),
  rope_parameters: ropeSchema.nullish(),
  hidden_act: z.string().default("silu"),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.boolean().nullish(),
  mlp_bias: z.boolean().nullish(),
  use_sliding_window: z.boolean().nullish(),
  layer_types: z.array(z.string()).nullish(),
  partial_rotary_factor: z.number().nullish(),
  quantization_config: z.unknown().optional(),
});
type HubDecoderConfig = z.infer<typeof configSchema>;

const typeSchema = z.looseObject({ model_type: z.string() });
const architectureSchema = z.enum(architectures);
/** `head_dim` of a Qwen3 whose configuration does not say. */
const qwen3HeadWidth = 128;
const defaultRopeBase = 10_000;

/**
 * Reads a `config.json`.
 *
 * @param file - Its path, for errors
 * @param content - Its content, parsed
 * @throws FlowError `INPUT_INVALID` for architectures and switches that are not supported
 */
export function parseHubDecoderConfig(file: string, content: unknown): DecoderConfig {
  const type = typeSchema.safeParse(content);
  if (!type.success) throw invalid(file, "not the config.json of a model: it has no model_type");
  const architecture = architectureSchema.safeParse(type.data.model_type);
  if (!architecture.success) {
    throw invalid(
      file,
      `model_type is ${type.data.model_type}; only ${architectures.join(", ")} can be fine-tuned here, ` +
        "such as SmolLM2, Qwen2.5 and Qwen3 models",
    );
  }
  const read = configSchema.safeParse(content);
  if (!read.success) {
    throw invalid(file, `not the config.json of a decoder: ${z.prettifyError(read.error)}`);
  }
  const config = read.data;
  const unsupported = unsupportedSwitch(config, architecture.data);
  if (unsupported !== undefined) {
    throw invalid(file, `${unsupported}, which is not supported: take another model`);
  }
  const heads = config.num_attention_heads;
  const headWidth = config.head_dim ?? defaultHeadWidth(config, architecture.data);
  return {
    architecture: architecture.data,
    layers: config.num_hidden_layers,
    hidden: config.hidden_size,
    ...{ heads, keyHeads: config.num_key_value_heads ?? heads, headWidth },
    inner: config.intermediate_size,
    vocabulary: config.vocab_size,
    normEpsilon: config.rms_norm_eps,
    ropeBase: config.rope_parameters?.rope_theta ?? config.rope_theta ?? defaultRopeBase,
    hasBiases: architecture.data === "qwen2",
    hasHeadNorms: architecture.data === "qwen3",
    isTied: config.tie_word_embeddings,
    contextTokens: config.max_position_embeddings,
  };
}

function defaultHeadWidth(
  { hidden_size, num_attention_heads }: HubDecoderConfig,
  architecture: DecoderConfig["architecture"],
): number {
  return architecture === "qwen3" ? qwen3HeadWidth : hidden_size / num_attention_heads;
}

/** What of a configuration no supported decoder has; undefined where there is nothing. */
function unsupportedSwitch(
  config: HubDecoderConfig,
  architecture: DecoderConfig["architecture"],
): string | undefined {
  for (const key of ["rope_scaling", "rope_parameters"] as const) {
    const kind = config[key]?.rope_type ?? config[key]?.type ?? "default";
    if (kind !== "default") return `${key} scales positions (${kind})`;
  }
  if ((config.partial_rotary_factor ?? 1) !== 1) return "partial_rotary_factor is not 1";
  if (config.hidden_act !== "silu") return `hidden_act is ${config.hidden_act}`;
  if (config.attention_bias === true && architecture !== "qwen2") return "attention_bias is true";
  if (config.mlp_bias === true) return "mlp_bias is true";
  const slides = config.layer_types?.some((type) => type !== "full_attention") === true;
  if (config.use_sliding_window === true || slides) return "attention has a sliding window";
  if (config.quantization_config != null) return "quantization_config says that it is quantised";
  return undefined;
}

function invalid(file: string, why: string): FlowError {
  return new FlowError("INPUT_INVALID", `${file}: ${why}`);
}
