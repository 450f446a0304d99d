/** @file The names of tensors in GGUF files, and on the Hugging Face hub. Source: gguf/constants.py and gguf/tensor_mapping.py. */
import type { LinearName } from "../decoder/decoder-config.ts";

const ofModel: Readonly<Record<string, string>> = {
  "token_embd.weight": "model.embed_tokens.weight",
  "output_norm.weight": "model.norm.weight",
  "output.weight": "lm_head.weight",
};

const ofLayer: Readonly<Record<string, string>> = {
  attn_norm: "input_layernorm",
  attn_q: "self_attn.q_proj",
  attn_k: "self_attn.k_proj",
  attn_v: "self_attn.v_proj",
  attn_output: "self_attn.o_proj",
  attn_q_norm: "self_attn.q_norm",
  attn_k_norm: "self_attn.k_norm",
  ffn_norm: "post_attention_layernorm",
  ffn_gate: "mlp.gate_proj",
  ffn_up: "mlp.up_proj",
  ffn_down: "mlp.down_proj",
};

/** A tensor's name on the hub; undefined for one that no supported model has. */
export function hubNameOf(ggufName: string): string | undefined {
  const [, layer, part, kind] = /^blk\.(\d+)\.(\w+)\.(weight|bias)$/.exec(ggufName) ?? [];
  if (layer === undefined || part === undefined || kind === undefined) return ofModel[ggufName];
  const name = ofLayer[part];
  return name === undefined ? undefined : `model.layers.${layer}.${name}.${kind}`;
}

/** The part of a tensor's name on the hub that says which linear layer it is of, such as `self_attn.q_proj`. */
export function linearOf(hubName: string): string {
  return hubName.replace(/^model\.layers\.\d+\./, "").replace(/\.(?:weight|bias)$/, "");
}

/** What a GGUF file calls the linear layer, such as `attn_q`. */
export function ggufLinear(linear: LinearName): string {
  const [name] = Object.entries(ofLayer).find(([, hubName]) => hubName === linear) ?? [];
  if (name === undefined) throw new Error(`internal: no name for ${linear}`);
  return name;
}
