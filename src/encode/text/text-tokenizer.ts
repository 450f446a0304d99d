import { z } from "zod";
import { FlowError, reasonOf } from "../../base/errors.ts";
import { huggingFaceTokenizer } from "../../llm/hugging-face-tokenizer.ts";
import type { EncoderCard } from "../folder/encoder-card.ts";
import { readJson } from "../folder/encoder-folder.ts";
import { charsmapNormalizer } from "./precompiled-charsmap.ts";
import { unigramFile, unigramTokenizer } from "./unigram-tokenizer.ts";

/** Splits texts into tokens. */
export interface TextTokenizer {
  /** The token ids of a whole text, without special tokens. */
  readonly tokenize: (text: string) => readonly number[];
  /** Special tokens that every sequence begins with. */
  readonly before: readonly number[];
  /** Special tokens that every sequence ends with. */
  readonly after: readonly number[];
}

/**
 * The tokenizer of an encoder folder.
 *
 * @param file - its `tokenizer.json`
 * @throws FlowError `INPUT_INVALID` when it is missing or of an unknown kind
 */
export async function openTokenizer(
  file: string,
  kind: EncoderCard["tokenizer"],
): Promise<TextTokenizer> {
  const content = await readJson(file);
  try {
    return kind === "unigram"
      ? { tokenize: unigramTokenizer(unigramFile.parse(content)), before: [], after: [] }
      : libraryTokenizer(z.record(z.string(), z.unknown()).parse(content));
  } catch (error) {
    throw new FlowError("INPUT_INVALID", `${file}: not a tokenizer (${reasonOf(error)})`, {
      cause: error,
    });
  }
}

function libraryTokenizer(content: object): TextTokenizer {
  const { normalize, rest } = takeCharsmap(content);
  const tokenizer = huggingFaceTokenizer(rest);
  const encode = (text: string, add_special_tokens: boolean): readonly number[] =>
    tokenizer.encode(normalize(text), { add_special_tokens }).ids;
  // Encoding an ordinary text shows the special tokens around it.
  const inside = encode("a", false);
  const whole = encode("a", true);
  const start = whole.findIndex((_, at) => inside.every((id, index) => whole[at + index] === id));
  return {
    tokenize: (text) => encode(text, false),
    before: whole.slice(0, start),
    after: whole.slice(start + inside.length),
  };
}

const precompiled = z.object({
  type: z.literal("Precompiled"),
  precompiled_charsmap: z.string().min(1),
});
const charsmapFirst = z.object({
  normalizer: z.union([
    precompiled.transform((first) => ({ first, others: [] as readonly unknown[] })),
    z
      .object({
        type: z.literal("Sequence"),
        normalizers: z.tuple([precompiled], z.unknown()),
      })
      .transform(({ normalizers: [first, ...others] }) => ({ first, others })),
  ]),
});

/** Takes a leading normalisation map out of a tokenizer, since the library would not apply it. */
function takeCharsmap(content: object): {
  readonly normalize: (text: string) => string;
  readonly rest: object;
} {
  const found = charsmapFirst.safeParse(content);
  if (!found.success) return { normalize: (text) => text, rest: content };
  const { first, others } = found.data.normalizer;
  return {
    normalize: charsmapNormalizer(first.precompiled_charsmap),
    rest: { ...content, normalizer: { type: "Sequence", normalizers: others } },
  };
}
