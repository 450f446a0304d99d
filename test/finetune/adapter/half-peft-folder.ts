/** @file Adapter folders as trainers with 16-bit weights write them. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toBfloat16 } from "../../../src/finetune/weights/bfloat16.ts";
import { peftName } from "../../../src/finetune/adapter/peft-names.ts";
import type { LoraAdapter } from "../../../src/finetune/adapter/lora-adapter.ts";
import { linearShapes } from "../../../src/finetune/decoder/decoder-config.ts";

/** The adapter with numbers that both 16-bit types have: multiples of 1/64 below 4. */
export function coarse(adapter: LoraAdapter): LoraAdapter {
  const rounded = (values: Float32Array): Float32Array =>
    values.map((value) => Math.sign(value) * Math.min(3, Math.round(Math.abs(value) * 64) / 64));
  return {
    ...adapter,
    matrices: adapter.matrices.map(({ a, b, ...place }) => ({
      ...{ ...place, a: rounded(a), b: rounded(b) },
    })),
  };
}

/** float32 to half precision, of numbers that have both 0 or a normal exponent. */
function toHalf(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, (word) => {
    const exponent = (word >>> 23) & 0xff;
    const sign = (word >>> 16) & 0x8000;
    return exponent === 0 ? sign : sign | ((exponent - 112) << 10) | ((word >>> 13) & 0x3ff);
  });
}

/** Writes the folder with numbers of a 16-bit type, and the settings that a trainer adds. */
export async function writeHalfPeftFolder(
  folder: string,
  { lora, config, matrices, base }: LoraAdapter,
  dtype: "F16" | "BF16",
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const narrow = dtype === "F16" ? toHalf : toBfloat16;
  const shapes = linearShapes(config);
  const tensors = matrices.flatMap(({ layer, linear, a, b }) => [
    { name: peftName(layer, linear, "A"), shape: [lora.rank, shapes[linear][1]], values: a },
    { name: peftName(layer, linear, "B"), shape: [shapes[linear][0], lora.rank], values: b },
  ]);
  let at = 0;
  const header = Object.fromEntries(
    tensors.map(({ name, shape, values }) => {
      const start = at;
      at += 2 * values.length;
      return [name, { dtype, shape, data_offsets: [start, at] }];
    }),
  );
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const numbers = tensors.map(({ values }) => Buffer.from(narrow(values).buffer));
  await writeFile(
    join(folder, "adapter_model.safetensors"),
    Buffer.concat([length, json, ...numbers]),
  );
  const settings = {
    ...{ peft_type: "LORA", task_type: "CAUSAL_LM", base_model_name_or_path: base },
    ...{ r: lora.rank, lora_alpha: lora.alpha, lora_dropout: lora.dropout },
    ...{ target_modules: "all-linear", init_lora_weights: true, lora_bias: false },
    ...{ layer_replication: null, trainable_token_indices: null, target_parameters: null },
  };
  await writeFile(join(folder, "adapter_config.json"), JSON.stringify(settings));
  return folder;
}
