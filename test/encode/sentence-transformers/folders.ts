/** @file Encoder folders as sentence-transformers writes them, with its own vectors; reference.py made both. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { transformerGraph, type GraphOptions } from "../transformers/onnx-graph.ts";
import { readHubBert } from "../transformers/hub-weights.ts";

const vectors = z.array(z.array(z.number()));
/** File contents by path, base64. */
const files = z.record(z.string(), z.string());
const referenceSchema = z.object({
  texts: z.array(z.string()),
  transformer: files,
  tokenizers: z.record(z.string(), z.string()),
  cases: z.record(z.string(), z.object({ tokenizer: z.string(), files, vectors })),
});

export type Reference = z.infer<typeof referenceSchema>;

/** The folders of the tiny encoders and their vectors. */
export async function readReference(): Promise<Reference> {
  return referenceSchema.parse(await readJson("reference.json"));
}

/** Vectors of all-MiniLM-L6-v2 by pooling. */
export async function readMiniLm(): Promise<{
  readonly texts: readonly string[];
  readonly vectors: Readonly<Record<"mean" | "cls", readonly (readonly number[])[]>>;
}> {
  const schema = z.object({
    texts: z.array(z.string()),
    vectors: z.object({ mean: vectors, cls: vectors }),
  });
  return schema.parse(await readJson("minilm.json"));
}

/** Writes an encoder's folder, with the model in ONNX. */
export async function writeFolder(
  folder: string,
  { transformer, tokenizers, cases }: Reference,
  name: string,
): Promise<void> {
  const { tokenizer = "", files: own = {} } = cases[name] ?? {};
  const all = { ...transformer, "tokenizer.json": tokenizers[tokenizer] ?? "", ...own };
  for (const [file, content] of Object.entries(all)) {
    const target = path.join(folder, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, Buffer.from(content, "base64"));
  }
  await writeOnnx(folder);
}

/** Writes `onnx/model.onnx` of the folder's `model.safetensors`. */
export async function writeOnnx(
  folder: string,
  outputs: GraphOptions["outputs"] = ["last_hidden_state"],
): Promise<void> {
  const { model } = transformerGraph(await readHubBert(folder), {
    ...{ integers: "int64", positions: "counted", padId: -1, window: 1, outputs },
  });
  await mkdir(path.join(folder, "onnx"), { recursive: true });
  await writeFile(path.join(folder, "onnx", "model.onnx"), model);
}

async function readJson(name: string): Promise<unknown> {
  return JSON.parse(await readFile(path.join(import.meta.dirname, name), "utf8"));
}
