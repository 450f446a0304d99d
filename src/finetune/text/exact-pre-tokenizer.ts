/** @file Pre-tokenizers in the form of a `tokenizer.json`, written so that the library cuts as the original implementations do. */
import { z } from "zod";

/** JavaScript's `\s` and `\d` are not the sets of characters that tokenizers mean by them. */
const space = "\\p{White_Space}";
const words = `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${space}\\p{L}\\p{N}]+|${space}+(?!\\P{White_Space})|${space}+`;
const newerWords = (digits: string): string =>
  `(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}` +
  `| ?[^${space}\\p{L}\\p{N}]+[\\r\\n]*|${space}*[\\r\\n]+|${space}+(?!\\P{White_Space})|${space}+`;

/** By the names that GGUF files give them in `tokenizer.ggml.pre`. Source: llama.cpp, src/llama-vocab.cpp. */
const cuts: Readonly<Record<string, readonly string[]>> = {
  default: ["[\\p{P}$+<=>\\^~|]+", words, "\\p{N}+", "[0-9][0-9][0-9]"],
  "gpt-2": [words],
  smollm: ["\\p{N}", words],
  qwen2: [newerWords("\\p{N}")],
  "llama-bpe": [newerWords("\\p{N}{1,3}")],
};

/** The names of {@link namedPreTokenizer}. */
export const preTokenizerNames = Object.keys(cuts);

/** A pre-tokenizer by its name in GGUF files; undefined for one that is not known. */
export function namedPreTokenizer(name: string): object | undefined {
  const patterns = Object.hasOwn(cuts, name) ? cuts[name] : undefined;
  return patterns && sequence([...patterns.map(isolated), bytes]);
}

const digitsSchema = z.object({ type: z.literal("Digits"), individual_digits: z.boolean() });
const byteLevelSchema = z.object({
  type: z.literal("ByteLevel"),
  add_prefix_space: z.literal(false),
  use_regex: z.literal(true).default(true),
});
const splitSchema = z.looseObject({
  type: z.literal("Split"),
  pattern: z.object({ Regex: z.string() }),
});
const sequenceSchema = z.object({
  type: z.literal("Sequence"),
  pretokenizers: z.array(z.unknown()),
});

/** The pre-tokenizer of a `tokenizer.json` with the parts rewritten that the library would cut otherwise. */
export function exactPreTokenizer(given: unknown): unknown {
  const digits = digitsSchema.safeParse(given);
  if (digits.success) return isolated(digits.data.individual_digits ? "\\p{N}" : "\\p{N}+");
  if (byteLevelSchema.safeParse(given).success) return sequence([isolated(words), bytes]);
  const split = splitSchema.safeParse(given);
  if (split.success) {
    return { ...split.data, pattern: { Regex: withUnicodeSets(split.data.pattern.Regex) } };
  }
  const parts = sequenceSchema.safeParse(given);
  return parts.success ? sequence(parts.data.pretokenizers.map(exactPreTokenizer)) : given;
}

/** What a regular expression means by `\s`, `\S`, `\d` and `\D`, in words that mean the same to JavaScript. */
const sets: Readonly<Record<string, string>> = {
  "\\s": space,
  "\\S": "\\P{White_Space}",
  "\\d": "\\p{Nd}",
  "\\D": "\\P{Nd}",
};

function withUnicodeSets(pattern: string): string {
  return pattern.replace(/\\[^]/g, (escape) => sets[escape] ?? escape);
}

/** Bytes as printable characters, without further cuts. */
const bytes = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false };

const sequence = (pretokenizers: readonly unknown[]): object => ({
  ...{ type: "Sequence", pretokenizers },
});

/** Cuts around every match. */
const isolated = (pattern: string): object => ({
  ...{ type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false },
});
