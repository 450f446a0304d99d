import { replaceFile } from "../../base/files/durable-file.ts";
import type { NamedTensor } from "../../optim/safetensors.ts";
import { linearShapes, type DecoderConfig } from "../decoder/decoder-config.ts";
import { encodeGguf } from "../weights/encode-gguf.ts";
import { ggufLinear } from "../weights/hub-names.ts";
import { interleavedHeads, interleaveHalves } from "../weights/rotary-order.ts";
import type { LoraAdapter, LoraMatrices } from "./lora-adapter.ts";

/**
 * Writes an adapter as llama.cpp and node-llama-cpp load it: a GGUF file of float32 tensors `blk.N.attn_q.weight.lora_a` (A, `[rank,
 * inputs]`) and `.lora_b` (B, `[outputs, rank]`). The file is replaced atomically. Equal adapters give equal bytes.
 *
 * Source of the names and fields: llama.cpp, convert_lora_to_gguf.py and src/llama-adapter.cpp.
 */
export async function writeGgufAdapter(path: string, adapter: LoraAdapter): Promise<void> {
  await replaceFile(path, encodeGgufAdapter(adapter));
}

/** The bytes of {@link writeGgufAdapter}. */
export function encodeGgufAdapter({ lora, config, matrices }: LoraAdapter): Uint8Array {
  return encodeGguf(
    [
      ["general.architecture", { type: "string", value: config.architecture }],
      ["general.type", { type: "string", value: "adapter" }],
      ["adapter.type", { type: "string", value: "lora" }],
      ["adapter.lora.alpha", { type: "float32", value: lora.alpha }],
    ],
    matrices.flatMap((one) => ggufTensors(one, lora.rank, config)),
  );
}

function ggufTensors(
  { layer, linear, a, b }: LoraMatrices,
  rank: number,
  config: DecoderConfig,
): readonly NamedTensor[] {
  const [outputs, inputs] = linearShapes(config)[linear];
  const name = `blk.${layer}.${ggufLinear(linear)}.weight`;
  const heads = interleavedHeads(linear, config);
  return [
    { name: `${name}.lora_a`, shape: [rank, inputs], values: a },
    {
      name: `${name}.lora_b`,
      shape: [outputs, rank],
      values: heads === undefined ? b : interleaveHalves(b, outputs, heads),
    },
  ];
}
