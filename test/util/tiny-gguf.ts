import { writeFile } from "node:fs/promises";
import { seededRandom } from "./seeded-random.ts";

/** What a tiny model says. */
export interface TinyGgufOptions {
  readonly seed: number;
  /**
   * Words of the list below that a greedy answer consists of, in order; then it ends. None may come twice. An empty list ends at
   * once. Null: weights as they fall, which say nothing in particular and rarely end.
   */
  readonly answer: readonly string[] | null;
}

/** Words that a model says in one token. In prompts every ASCII character is a token: nothing in the vocabulary joins letters. */
const words = [
  ..."the viewer likes prefers films books quiet loud drama comedy reasonable unreasonable".split(
    " ",
  ),
] as const;

const width = 64;
const heads = 4;
const layers = 2;
const hidden = 128;
const trainedContextTokens = 4096;

const control = ["<unk>", "<|begin|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"];
const bytes = Array.from(
  { length: 256 },
  (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
);
/** How SentencePiece writes a space. */
const space = "\u2581";
const letters = Array.from("abcdefghijklmnopqrstuvwxyz");
const pieces = [...words.map((word) => `${space}${word}`), ...letters, space];
const vocabulary = [...control, ...bytes, ...pieces];
const beginId = control.indexOf("<|begin|>");
const endId = control.indexOf("<|end|>");

const template =
  "{{ bos_token }}{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>{% endfor %}" +
  "{% if add_generation_prompt %}<|assistant|>{% endif %}";

interface Tensor {
  readonly name: string;
  /** Rows first, as in a matrix that is multiplied from the left. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * Writes a language model of half a megabyte: 2 Llama layers of width 64, a SentencePiece vocabulary with bytes to fall back on,
 * a chat template, and seeded weights. Layout of the file: GGUF version 3, as the llama.cpp project specifies it.
 */
export async function writeTinyGguf(path: string, options: TinyGgufOptions): Promise<void> {
  await writeFile(path, ggufFile(metadata(), tensorsOf(options)));
}

function tensorsOf({ seed, answer }: TinyGgufOptions): readonly Tensor[] {
  const random = seededRandom(seed);
  const matrix = (name: string, rows: number, columns: number, spread: number): Tensor => ({
    name: `${name}.weight`,
    shape: [rows, columns],
    values: Float32Array.from({ length: rows * columns }, () => normal(random) * spread),
  });
  const ones = (name: string): Tensor => ({
    name: `${name}.weight`,
    shape: [width],
    values: new Float32Array(width).fill(1),
  });
  // Quiet layers leave the last token's embedding to decide what comes next.
  const spread = answer === null ? 0.2 : 0.002;
  const embedding = matrix("token_embd", vocabulary.length, width, 1);
  const output = matrix("output", vocabulary.length, width, spread);
  if (answer !== null) teach(output.values, embedding.values, answer);
  return [
    embedding,
    ones("output_norm"),
    output,
    ...Array.from({ length: layers }, (_, layer) => `blk.${layer}`).flatMap((block) => [
      ones(`${block}.attn_norm`),
      ones(`${block}.ffn_norm`),
      ...["q", "k", "v", "output"].map((part) =>
        matrix(`${block}.attn_${part}`, width, width, spread),
      ),
      matrix(`${block}.ffn_gate`, hidden, width, spread),
      matrix(`${block}.ffn_up`, hidden, width, spread),
      matrix(`${block}.ffn_down`, width, hidden, spread),
    ]),
  ];
}

/** Makes each token of the answer the likeliest after the one before it: its output row is that one's embedding. */
function teach(output: Float32Array, embedding: Float32Array, answer: readonly string[]): void {
  const chain = ["<|assistant|>", ...answer.map((word) => `${space}${word}`), "<|end|>"];
  const ids = chain.map((token) => vocabulary.indexOf(token));
  ids.slice(1).forEach((id, place) => {
    const before = ids[place] ?? 0;
    output.set(
      embedding.subarray(before * width, (before + 1) * width).map((value) => value / 8),
      id * width,
    );
  });
}

function metadata(): readonly Buffer[] {
  const key = (name: string, type: number, value: Buffer): Buffer =>
    Buffer.concat([text(name), u32(type), value]);
  const count = (name: string, value: number): Buffer => key(name, 4, u32(value));
  const list = (name: string, type: number, values: readonly Buffer[]): Buffer =>
    key(name, 9, Buffer.concat([u32(type), u64(values.length), ...values]));
  const isByte = (id: number): boolean => id >= control.length && id < control.length + 256;
  const isPiece = (id: number): boolean => id >= control.length + 256;
  const typeOf = (id: number): number => (id === 0 ? 2 : isByte(id) ? 6 : isPiece(id) ? 1 : 3);
  return [
    key("general.architecture", 8, text("llama")),
    key("general.name", 8, text("tiny")),
    count("general.alignment", 32),
    count("general.file_type", 0),
    count("llama.context_length", trainedContextTokens),
    count("llama.embedding_length", width),
    count("llama.block_count", layers),
    count("llama.feed_forward_length", hidden),
    count("llama.vocab_size", vocabulary.length),
    count("llama.attention.head_count", heads),
    count("llama.attention.head_count_kv", heads),
    count("llama.rope.dimension_count", width / heads),
    key("llama.attention.layer_norm_rms_epsilon", 6, f32(1e-5)),
    key("tokenizer.ggml.model", 8, text("llama")),
    list("tokenizer.ggml.tokens", 8, vocabulary.map(text)),
    list(
      "tokenizer.ggml.scores",
      6,
      vocabulary.map((_, id) => f32(isPiece(id) ? control.length + 255 - id : 0)),
    ),
    list(
      "tokenizer.ggml.token_type",
      5,
      vocabulary.map((_, id) => u32(typeOf(id))),
    ),
    count("tokenizer.ggml.bos_token_id", beginId),
    count("tokenizer.ggml.eos_token_id", endId),
    count("tokenizer.ggml.unknown_token_id", 0),
    key("tokenizer.ggml.add_bos_token", 7, Buffer.from([1])),
    key("tokenizer.chat_template", 8, text(template)),
  ];
}

function ggufFile(keys: readonly Buffer[], tensors: readonly Tensor[]): Buffer {
  const directory: Buffer[] = [];
  const data: Buffer[] = [];
  let offset = 0;
  for (const { name, shape, values } of tensors) {
    const body = aligned(Buffer.from(values.buffer));
    const sizes = shape.toReversed().map(u64);
    directory.push(text(name), u32(shape.length), ...sizes, u32(0), u64(offset));
    data.push(body);
    offset += body.length;
  }
  const head = [Buffer.from("GGUF"), u32(3), u64(tensors.length), u64(keys.length)];
  return Buffer.concat([aligned(Buffer.concat([...head, ...keys, ...directory])), ...data]);
}

function aligned(buffer: Buffer): Buffer {
  return Buffer.concat([buffer, Buffer.alloc((32 - (buffer.length % 32)) % 32)]);
}

/** Standard normal, by Box and Muller. */
function normal(random: (below: number) => number): number {
  const uniform = (): number => random(2 ** 30) / 2 ** 30;
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

function text(value: string): Buffer {
  const body = Buffer.from(value);
  return Buffer.concat([u64(body.length), body]);
}

function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

function u64(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
}

function f32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeFloatLE(value);
  return buffer;
}
