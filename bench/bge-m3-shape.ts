/** @file An encoder in BGE-M3's exact shape with random weights, laid out as on the hub: weights in a file beside the model. */
import { mkdir, open, writeFile } from "node:fs/promises";
import path from "node:path";
import { onnxModelWriter, type OnnxAttribute } from "../src/onnx/format/model-writer.ts";

/** XLM-RoBERTa large, with the positions of BGE-M3. */
export const bgeM3Shape = {
  ...{ vocabulary: 250_002, positions: 8194, hidden: 1024, heads: 16, wide: 4096, layers: 24 },
};
const padId = 1;
const headSize = bgeM3Shape.hidden / bgeM3Shape.heads;
/** How many random numbers are drawn; weights repeat them from varying offsets. */
const poolValues = 1 << 22;

/** Words of the tokenizer, one token each. */
export const benchWords = Array.from({ length: 5000 }, (_, i) => `w${i}`);

/** Operations of the matrix products for one token of a text of that many tokens, without softmax and the like. */
export function operationsPerToken(tokens: number, layers: number): number {
  const { hidden, wide } = bgeM3Shape;
  return layers * (2 * (4 * hidden * hidden + 2 * hidden * wide) + 4 * tokens * hidden);
}

/** Writes the folder: 2.3 GB at 24 layers. */
export async function writeBgeM3Shape(folder: string, layers = bgeM3Shape.layers): Promise<void> {
  await mkdir(folder, { recursive: true });
  const data = await open(path.join(folder, "model.onnx_data"), "w");
  const pool = randomPool();
  const { hidden, heads, wide, vocabulary, positions } = bgeM3Shape;
  const model = onnxModelWriter("bge-m3-shape");
  let values = 0;
  let offset = 0;
  const op = (
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string => {
    const output = `${opType}_${values++}`;
    model.node(opType, inputs, [output], attributes);
    return output;
  };
  const integer = (...numbers: readonly number[]): string => {
    const name = `integers_${values++}`;
    model.initializer(name, "int64", [numbers.length], numbers);
    return name;
  };
  const float = (value: number): string => {
    const name = `float_${values++}`;
    model.initializer(name, "float32", [], [value]);
    return name;
  };
  const weight = async (...shape: readonly number[]): Promise<string> => {
    const name = `weight_${values++}`;
    model.external(name, "float32", shape, { location: "model.onnx_data", offset });
    let left = shape.reduce((product, size) => product * size, 1);
    for (let from = (values * 7919) % 65_536; left > 0; from = 0) {
      const block = pool.subarray(from, Math.min(poolValues, from + left));
      await data.writeFile(new Uint8Array(block.buffer, block.byteOffset, block.byteLength));
      offset += block.byteLength;
      left -= block.length;
    }
    return name;
  };
  const ones = (name: string, value: number): string => {
    model.initializer(name, "float32", [hidden], Array<number>(hidden).fill(value));
    return name;
  };
  const scale = ones("norm.scale", 1);
  const bias = ones("norm.bias", 0);
  const normalise = (x: string): string =>
    op("LayerNormalization", [x, scale, bias], { axis: -1, epsilon: { float: 1e-5 } });
  const linear = async (x: string, from: number, to: number): Promise<string> =>
    op("Add", [op("MatMul", [x, await weight(from, to)]), await weight(to)]);
  const byHead = (x: string, perm: readonly number[]): string =>
    op("Transpose", [op("Reshape", [x, integer(0, 0, heads, headSize)])], { perm });

  for (const name of ["input_ids", "attention_mask"]) {
    model.input(name, "int64", ["batch", "tokens"]);
  }
  const places = op("Add", [
    op("Mul", [op("CumSum", ["attention_mask", integer(1)]), "attention_mask"]),
    integer(padId),
  ]);
  const words = op("Gather", [await weight(vocabulary, hidden), "input_ids"]);
  let x = normalise(op("Add", [words, op("Gather", [await weight(positions, hidden), places])]));
  const isToken = op("Cast", ["attention_mask"], { to: 1 });
  const unseen = op("Mul", [op("Sub", [float(1), isToken]), float(-1e9)]);
  const mask = op("Unsqueeze", [unseen, integer(1, 2)]);
  for (let layer = 0; layer < layers; layer++) {
    const query = byHead(await linear(x, hidden, hidden), [0, 2, 1, 3]);
    const key = byHead(await linear(x, hidden, hidden), [0, 2, 3, 1]);
    const value = byHead(await linear(x, hidden, hidden), [0, 2, 1, 3]);
    const scores = op("Div", [op("MatMul", [query, key]), float(Math.sqrt(headSize))]);
    const shares = op("Softmax", [op("Add", [scores, mask])], { axis: -1 });
    const mixed = op("Transpose", [op("MatMul", [shares, value])], { perm: [0, 2, 1, 3] });
    const joined = op("Reshape", [mixed, integer(0, 0, hidden)]);
    x = normalise(op("Add", [await linear(joined, hidden, hidden), x]));
    const grown = await linear(x, hidden, wide);
    const grownHalf = op("Add", [op("Erf", [op("Div", [grown, float(Math.SQRT2)])]), float(1)]);
    const gelu = op("Mul", [op("Mul", [grown, grownHalf]), float(0.5)]);
    x = normalise(op("Add", [await linear(gelu, wide, hidden), x]));
  }
  model.node("Identity", [x], ["last_hidden_state"]);
  model.output("last_hidden_state", "float32", ["batch", "tokens", hidden]);
  await data.close();
  await writeFile(path.join(folder, "model.onnx"), model.bytes());
  await writeFile(path.join(folder, "tokenizer.json"), JSON.stringify(tokenizer()));
  await writeFile(
    path.join(folder, "config.json"),
    JSON.stringify({
      model_type: "xlm-roberta",
      ...{ hidden_size: hidden, num_attention_heads: heads, intermediate_size: wide },
      ...{ vocab_size: vocabulary, max_position_embeddings: positions, pad_token_id: padId },
    }),
  );
}

/** Numbers in [-0.035, 0.035), as spread as those of a trained model: a linear congruential generator (Numerical Recipes). */
function randomPool(): Float32Array {
  let state = 1;
  return Float32Array.from({ length: poolValues }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * 0.035;
  });
}

function tokenizer(): object {
  const tokens = ["<s>", "<pad>", "</s>", "<unk>", ...benchWords];
  return {
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: "WhitespaceSplit" },
    post_processor: { type: "RobertaProcessing", sep: ["</s>", 2], cls: ["<s>", 0] },
    decoder: null,
    model: {
      type: "WordPiece",
      ...{ unk_token: "<unk>", continuing_subword_prefix: "##", max_input_chars_per_word: 100 },
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    },
  };
}
