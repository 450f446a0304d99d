import { expect, test } from "vitest";
import { hubNameOf, linearOf } from "../../../src/finetune/weights/hub-names.ts";

test.each([
  ["token_embd.weight", "model.embed_tokens.weight"],
  ["output_norm.weight", "model.norm.weight"],
  ["output.weight", "lm_head.weight"],
  ["blk.0.attn_norm.weight", "model.layers.0.input_layernorm.weight"],
  ["blk.12.attn_q.bias", "model.layers.12.self_attn.q_proj.bias"],
  ["blk.1.attn_k_norm.weight", "model.layers.1.self_attn.k_norm.weight"],
  ["blk.1.ffn_norm.weight", "model.layers.1.post_attention_layernorm.weight"],
  ["blk.1.ffn_down.weight", "model.layers.1.mlp.down_proj.weight"],
  ["blk.1.attn_qkv.weight", undefined],
  ["rope_freqs.weight", undefined],
])("%s is %s", (name, hubName) => {
  expect(hubNameOf(name)).toBe(hubName);
});

test("linearOf drops layer and kind", () => {
  expect(linearOf("model.layers.12.self_attn.q_proj.bias")).toBe("self_attn.q_proj");
  expect(linearOf("model.norm.weight")).toBe("model.norm");
});
