/** @file The metadata of decoders in GGUF files. Source: ggml's docs/gguf.md. */
import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import { architectures, type DecoderConfig } from "../decoder/decoder-config.ts";
import type { GgufFile } from "../weights/open-gguf.ts";

const size = z.int().positive();
const configSchema = z.object({
  block_count: size,
  context_length: size,
  embedding_length: size,
  feed_forward_length: size,
  "attention.head_count": size,
  "attention.head_count_kv": size.optional(),
  "attention.key_length": size.optional(),
  "attention.value_length": size.optional(),
  "attention.layer_norm_rms_epsilon": z.number().positive(),
  "attention.sliding_window": z.number().optional(),
  "rope.freq_base": z.number().positive().default(10_000),
  "rope.dimension_count": size.optional(),
  "rope.scaling.type": z.string().default("none"),
  expert_count: z.number().default(0),
});
const architectureSchema = z.enum(architectures);

/**
 * Reads the configuration of a GGUF file.
 *
 * @throws FlowError `INPUT_INVALID` for architectures and switches that are not supported
 */
export function ggufDecoderConfig({
  path,
  metadata,
  shapeOf,
}: Pick<GgufFile, "path" | "metadata" | "shapeOf">): DecoderConfig {
  const named = metadata.get("general.architecture");
  const architecture = architectureSchema.safeParse(named);
  if (!architecture.success) {
    throw invalid(
      path,
      `general.architecture is ${String(named)}; only ${architectures.join(", ")} can be fine-tuned here, ` +
        "such as SmolLM2, Qwen2.5 and Qwen3 models",
    );
  }
  const prefix = `${architecture.data}.`;
  const own = [...metadata].filter(([key]) => key.startsWith(prefix));
  const read = configSchema.safeParse(
    Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value])),
  );
  if (!read.success) {
    throw invalid(path, `its configuration cannot be read: ${z.prettifyError(read.error)}`);
  }
  const config = read.data;
  const heads = config["attention.head_count"];
  const headWidth = config["attention.key_length"] ?? config.embedding_length / heads;
  const unsupported = unsupportedSwitch(config, headWidth);
  if (unsupported !== undefined) {
    throw invalid(path, `${unsupported}, which is not supported: take another model`);
  }
  const [vocabulary] = shapeOf("token_embd.weight") ?? [];
  if (vocabulary === undefined) throw invalid(path, `there is no tensor "token_embd.weight"`);
  return {
    architecture: architecture.data,
    layers: config.block_count,
    hidden: config.embedding_length,
    ...{ heads, keyHeads: config["attention.head_count_kv"] ?? heads, headWidth },
    inner: config.feed_forward_length,
    vocabulary,
    normEpsilon: config["attention.layer_norm_rms_epsilon"],
    ropeBase: config["rope.freq_base"],
    hasBiases: architecture.data === "qwen2",
    hasHeadNorms: architecture.data === "qwen3",
    isTied: shapeOf("output.weight") === undefined,
    contextTokens: config.context_length,
  };
}

/** What of a configuration no supported decoder has; undefined where there is nothing. */
function unsupportedSwitch(
  config: z.infer<typeof configSchema>,
  headWidth: number,
): string | undefined {
  const scaling = config["rope.scaling.type"];
  if (scaling !== "none") return `rope.scaling.type scales positions (${scaling})`;
  if ((config["rope.dimension_count"] ?? headWidth) !== headWidth) {
    return "rope.dimension_count is not the width of a head";
  }
  if ((config["attention.value_length"] ?? headWidth) !== headWidth) {
    return "attention.value_length is not attention.key_length";
  }
  if ((config["attention.sliding_window"] ?? 0) > 0) return "attention has a sliding window";
  if (config.expert_count > 0) return "it is a mixture of experts";
  return undefined;
}

function invalid(file: string, why: string): FlowError {
  return new FlowError("INPUT_INVALID", `${file}: ${why}`);
}
