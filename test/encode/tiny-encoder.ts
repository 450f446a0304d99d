/** @file An encoder small enough to work out by hand, in the folder format of the real ones. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { EncoderConfig } from "../../src/encode/folder/encoder-folder.ts";
import { onnxModelWriter } from "../../src/onnx/format/model-writer.ts";

/** Token ids: unknown 0, a 1, b 2, c 3; "c" has no finite vector. */
const rows = [0, 0, 3, 0, 0, 4, Number.NaN, 0];

/**
 * A folder whose encoder maps a text of the letters a, b, c to the sum of its letters' vectors: a = [3, 0],
 * b = [0, 4]; not of unit length. It reads two tokens at once.
 */
export async function writeTinyEncoder(folder: string): Promise<void> {
  const model = onnxModelWriter();
  model.input("input_ids", "int64", ["B", "T"]);
  model.input("attention_mask", "int64", ["B", "T"]);
  model.initializer("table", "float32", [4, 2], rows);
  model.initializer("last", "int64", [1], [2]);
  model.initializer("second", "int64", [1], [1]);
  model.node("Gather", ["table", "input_ids"], ["embedded"]);
  model.node("Cast", ["attention_mask"], ["floats"], { to: 1 });
  model.node("Unsqueeze", ["floats", "last"], ["mask"]);
  model.node("Mul", ["embedded", "mask"], ["masked"]);
  model.node("ReduceSum", ["masked", "second"], ["sentence_embedding"], { keepdims: 0 });
  model.output("sentence_embedding", "float32", ["B", 2]);

  const config: EncoderConfig = {
    format: 1,
    name: "tiny",
    dimension: 2,
    maxTokens: 2,
    tokenizer: "huggingface",
    pooling: "model",
    source: "test",
    license: "Apache-2.0",
  };
  const tokenizer = {
    added_tokens: [],
    normalizer: { type: "Lowercase" },
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    model: {
      type: "Unigram",
      unk_id: 0,
      vocab: [
        ["?", -9],
        ["a", -1],
        ["b", -1],
        ["c", -1],
      ],
    },
  };
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, "model.onnx"), model.bytes());
  await writeFile(path.join(folder, "config.json"), JSON.stringify(config));
  await writeFile(path.join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
}
