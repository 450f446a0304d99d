/** @file The weights of a BERT as the hub has them, under the names that the graphs of these tests use. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { Transformer, Weight } from "./weights.ts";

const configSchema = z.object({
  model_type: z.literal("bert"),
  vocab_size: z.int(),
  max_position_embeddings: z.int(),
  hidden_size: z.int(),
  num_attention_heads: z.int(),
  intermediate_size: z.int(),
  num_hidden_layers: z.int(),
  layer_norm_eps: z.number(),
});
const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int()),
  data_offsets: z.tuple([z.int(), z.int()]),
});

/** Reads `config.json` and `model.safetensors` of a folder. */
export async function readHubBert(folder: string): Promise<Transformer> {
  const config = configSchema.parse(
    JSON.parse(await readFile(path.join(folder, "config.json"), "utf8")),
  );
  const tensors = await readTensors(path.join(folder, "model.safetensors"));
  const weights = new Map<string, Weight>();
  const find = (name: string): Weight => {
    const found = tensors.get(name);
    if (found === undefined) throw new Error(`no weight ${name}`);
    return found;
  };
  const linear = (to: string, from: string): void => {
    weights.set(`${to}.kernel`, transposed(find(`${from}.weight`)));
    weights.set(`${to}.bias`, find(`${from}.bias`));
  };
  const norm = (to: string, from: string): void => {
    weights.set(`${to}.scale`, find(`${from}.weight`));
    weights.set(`${to}.bias`, find(`${from}.bias`));
  };
  for (const [to, from] of Object.entries({
    word: "word_embeddings",
    position: "position_embeddings",
    type: "token_type_embeddings",
  })) {
    weights.set(to, find(`embeddings.${from}.weight`));
  }
  norm("embedded", "embeddings.LayerNorm");
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const own = `encoder.layer.${layer}`;
    for (const part of ["query", "key", "value"]) {
      linear(`${layer}.${part}`, `${own}.attention.self.${part}`);
    }
    linear(`${layer}.output`, `${own}.attention.output.dense`);
    norm(`${layer}.attended`, `${own}.attention.output.LayerNorm`);
    linear(`${layer}.up`, `${own}.intermediate.dense`);
    linear(`${layer}.down`, `${own}.output.dense`);
    norm(`${layer}.finished`, `${own}.output.LayerNorm`);
  }
  return {
    shape: {
      architecture: "bert",
      vocabulary: config.vocab_size,
      positions: config.max_position_embeddings,
      hidden: config.hidden_size,
      heads: config.num_attention_heads,
      wide: config.intermediate_size,
      layers: config.num_hidden_layers,
      reach: 0,
      epsilon: config.layer_norm_eps,
    },
    weights,
  };
}

/** The float32 tensors of a safetensors file. */
async function readTensors(file: string): Promise<ReadonlyMap<string, Weight>> {
  const bytes = await readFile(file);
  const start = 8 + Number(bytes.readBigUInt64LE());
  const header = z
    .record(z.string(), z.unknown())
    .parse(JSON.parse(bytes.toString("utf8", 8, start)));
  const found = new Map<string, Weight>();
  for (const [name, value] of Object.entries(header)) {
    const entry = entrySchema.safeParse(value).data;
    if (entry?.dtype !== "F32") continue;
    const [from, to] = entry.data_offsets;
    const data = new Float32Array((to - from) / 4);
    Buffer.from(data.buffer).set(bytes.subarray(start + from, start + to));
    const [rows = 1, columns = 1] = entry.shape.length === 1 ? [1, ...entry.shape] : entry.shape;
    found.set(name, { rows, columns, data });
  }
  return found;
}

function transposed({ rows, columns, data }: Weight): Weight {
  const turned = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      turned[column * rows + row] = data[row * columns + column] ?? Number.NaN;
    }
  }
  return { rows: columns, columns: rows, data: turned };
}
