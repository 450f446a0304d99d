/** @file Decoders of random weights, as folders of the Hugging Face hub and as GGUF files. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { elements } from "../../../src/base/element-count.ts";
import { createRandom } from "../../../src/base/random.ts";
import { encodeSafetensors, type NamedTensor } from "../../../src/optim/safetensors.ts";
import { chatml, merges, start, tokenizerJson, tokens } from "../text/tiny-tokenizer.ts";
import {
  float,
  floats,
  ints,
  text,
  texts,
  uint,
  writeGguf,
  type TensorToWrite,
  type Typed,
} from "../weights/gguf-file.ts";

type Architecture = "llama" | "qwen2" | "qwen3";

/** Two layers of width 8, two query heads and one key head of width 4; 268 tokens in 270 rows. */
const sizes = { layers: 2, hidden: 8, heads: 2, keyHeads: 1, headWidth: 4, inner: 12, rows: 270 };

/** The tensors by their names on the hub. */
export function tinyTensors(
  architecture: Architecture,
  { isTied = true }: { isTied?: boolean } = {},
): readonly NamedTensor[] {
  const { hidden, inner, rows } = sizes;
  const queries = sizes.heads * sizes.headWidth;
  const keys = sizes.keyHeads * sizes.headWidth;
  const shapes: [string, readonly number[]][] = [["model.embed_tokens.weight", [rows, hidden]]];
  for (let layer = 0; layer < sizes.layers; layer++) {
    const own: [string, readonly number[]][] = [
      ["self_attn.q_proj.weight", [queries, hidden]],
      ["self_attn.k_proj.weight", [keys, hidden]],
      ["self_attn.v_proj.weight", [keys, hidden]],
      ["self_attn.o_proj.weight", [hidden, queries]],
      ["mlp.gate_proj.weight", [inner, hidden]],
      ["mlp.up_proj.weight", [inner, hidden]],
      ["mlp.down_proj.weight", [hidden, inner]],
      ["input_layernorm.weight", [hidden]],
      ["post_attention_layernorm.weight", [hidden]],
    ];
    if (architecture === "qwen2") {
      own.push(["self_attn.q_proj.bias", [queries]]);
      own.push(["self_attn.k_proj.bias", [keys]], ["self_attn.v_proj.bias", [keys]]);
    }
    if (architecture === "qwen3") {
      own.push(["self_attn.q_norm.weight", [4]], ["self_attn.k_norm.weight", [4]]);
    }
    shapes.push(
      ...own.map(([name, shape]): [string, readonly number[]] => [
        `model.layers.${layer}.${name}`,
        shape,
      ]),
    );
  }
  shapes.push(["model.norm.weight", [hidden]]);
  if (!isTied) shapes.push(["lm_head.weight", [rows, hidden]]);
  return shapes.map(([name, shape]) => {
    const { normal } = createRandom(16, name);
    return { name, shape, values: Float32Array.from({ length: elements(shape) }, normal) };
  });
}

/** The `config.json`, but for what `changes` says. */
export function tinyConfig(architecture: Architecture, changes: object = {}): object {
  return {
    ...{ model_type: architecture, hidden_size: 8, num_hidden_layers: 2, num_attention_heads: 2 },
    ...{ num_key_value_heads: 1, head_dim: 4, intermediate_size: 12, vocab_size: 270 },
    ...{ max_position_embeddings: 512, rms_norm_eps: 0.5, rope_theta: 100, hidden_act: "silu" },
    ...{ tie_word_embeddings: true },
    ...changes,
  };
}

export interface TinyFolder {
  readonly config?: object;
  readonly tensors?: readonly NamedTensor[];
  readonly tokenizer?: object;
}

/** Writes a model's folder. */
export async function writeTinyFolder(
  folder: string,
  architecture: Architecture,
  { config, tensors = tinyTensors(architecture), tokenizer = tokenizerJson }: TinyFolder = {},
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const put = (name: string, content: object): Promise<void> =>
    writeFile(path.join(folder, name), JSON.stringify(content));
  await put("config.json", config ?? tinyConfig(architecture));
  await put("tokenizer.json", tokenizer);
  await put("tokenizer_config.json", { chat_template: chatml, eos_token: "<|im_end|>" });
  await writeFile(
    path.join(folder, "model.safetensors"),
    encodeSafetensors({ tensors, metadata: {} }),
  );
  return folder;
}

/** The metadata of a GGUF file. */
function tinyMetadata(architecture: Architecture): Record<string, Typed> {
  const own = {
    ...{ block_count: uint(2), context_length: uint(512), embedding_length: uint(8) },
    ...{ feed_forward_length: uint(12), "attention.head_count": uint(2) },
    ...{ "attention.head_count_kv": uint(1), "attention.key_length": uint(4) },
    ...{ "attention.value_length": uint(4), "rope.dimension_count": uint(4) },
    ...{ "attention.layer_norm_rms_epsilon": float(0.5), "rope.freq_base": float(100) },
  };
  return {
    "general.architecture": text(architecture),
    ...Object.fromEntries(
      Object.entries(own).map(([key, value]) => [`${architecture}.${key}`, value]),
    ),
    "tokenizer.ggml.model": text("gpt2"),
    "tokenizer.ggml.pre": text("smollm"),
    "tokenizer.ggml.tokens": texts(tokens),
    "tokenizer.ggml.merges": texts(merges),
    "tokenizer.ggml.token_type": ints(tokens.map((_, id) => (id < start ? 1 : id < 266 ? 3 : 4))),
    "tokenizer.ggml.eos_token_id": uint(265),
    "tokenizer.chat_template": text(chatml),
  };
}

const ggufNames: readonly (readonly [RegExp, string])[] = [
  [/^model\.embed_tokens\./, "token_embd."],
  [/^model\.norm\./, "output_norm."],
  [/^lm_head\./, "output."],
  [/^model\.layers\.(\d+)\./, "blk.$1."],
  [/self_attn\.([qkv])_(?:proj|norm)/, "attn_$1"],
  [/self_attn\.o_proj/, "attn_output"],
  [/mlp\.(\w+)_proj/, "ffn_$1"],
  [/input_layernorm/, "attn_norm"],
  [/post_attention_layernorm/, "ffn_norm"],
];

/** The tensors as a GGUF file has them: queries and keys of `llama` in pairs. */
export function tinyGgufTensors(
  architecture: Architecture,
  tensors = tinyTensors(architecture),
): readonly TensorToWrite[] {
  return tensors.map(({ name, shape, values }) => {
    const ggufName = ggufNames.reduce((text, [from, to]) => text.replace(from, to), name);
    const withNorm = /self_attn\.[qk]_norm/.test(name)
      ? ggufName.replace(/\.weight$/, "_norm.weight")
      : ggufName;
    const isPaired = architecture === "llama" && /[qk]_proj/.test(name);
    return floats(withNorm, shape, isPaired ? paired(values) : values);
  });
}

/** Rows 0, 1, 2, 3 of every head of width 4 in the order 0, 2, 1, 3. */
function paired(values: Float32Array): Float32Array {
  const out = new Float32Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const row = Math.floor(at / sizes.hidden);
    const moved = [0, 2, 1, 3][row % 4] ?? 0;
    out[(row - (row % 4) + moved) * sizes.hidden + (at % sizes.hidden)] = values[at] ?? 0;
  }
  return out;
}

/** Writes a GGUF file. */
export function writeTinyGguf(
  file: string,
  architecture: Architecture,
  {
    metadata = {},
    tensors = tinyGgufTensors(architecture),
  }: {
    readonly metadata?: Readonly<Record<string, Typed>>;
    readonly tensors?: readonly TensorToWrite[];
  } = {},
): Promise<string> {
  return writeGguf(file, { metadata: { ...tinyMetadata(architecture), ...metadata }, tensors });
}
