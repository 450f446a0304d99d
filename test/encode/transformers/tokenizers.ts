/** @file Tokenizer files of the three kinds, as the hub has them, over a handful of words; and the ids of those words, by hand. */
import { charsmap } from "./charsmap.ts";
import type { Architecture } from "./weights.ts";

const special = (contents: readonly string[]) =>
  contents.map((content, id) => ({
    id,
    content,
    ...{ single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
  }));

const vocabularyOf = (tokens: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(tokens.map((token, id) => [token, id]));

const wordPieceTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "film", "##s", "war", "sea", "a", ","];

const wordPiece = {
  added_tokens: special(wordPieceTokens.slice(0, 4)),
  normalizer: {
    type: "BertNormalizer",
    ...{ clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
  },
  pre_tokenizer: { type: "BertPreTokenizer" },
  post_processor: {
    type: "TemplateProcessing",
    single: [
      { SpecialToken: { id: "[CLS]", type_id: 0 } },
      { Sequence: { id: "A", type_id: 0 } },
      { SpecialToken: { id: "[SEP]", type_id: 0 } },
    ],
    pair: [],
    special_tokens: {
      "[CLS]": { id: "[CLS]", ids: [2], tokens: ["[CLS]"] },
      "[SEP]": { id: "[SEP]", ids: [3], tokens: ["[SEP]"] },
    },
  },
  decoder: { type: "WordPiece", prefix: "##", cleanup: true },
  model: {
    type: "WordPiece",
    ...{ unk_token: "[UNK]", continuing_subword_prefix: "##", max_input_chars_per_word: 100 },
    vocab: vocabularyOf(wordPieceTokens),
  },
};

const robertaSpecial = ["<s>", "<pad>", "</s>", "<unk>"];

const unigram = {
  added_tokens: special(robertaSpecial),
  normalizer: {
    type: "Sequence",
    normalizers: [
      // ﬁ to fi, a no-break space to a space, é (composed or not) to e
      {
        type: "Precompiled",
        precompiled_charsmap: charsmap({
          "\ufb01": "fi",
          "\u00a0": " ",
          "\u00e9": "e",
          "e\u0301": "e",
        }),
      },
      { type: "Replace", pattern: { Regex: " {2,}" }, content: " " },
    ],
  },
  pre_tokenizer: { type: "Metaspace", replacement: "\u2581", prepend_scheme: "always" },
  post_processor: {
    type: "TemplateProcessing",
    single: [
      { SpecialToken: { id: "<s>", type_id: 0 } },
      { Sequence: { id: "A", type_id: 0 } },
      { SpecialToken: { id: "</s>", type_id: 0 } },
    ],
    pair: [],
    special_tokens: {
      "<s>": { id: "<s>", ids: [0], tokens: ["<s>"] },
      "</s>": { id: "</s>", ids: [2], tokens: ["</s>"] },
    },
  },
  decoder: { type: "Metaspace", replacement: "\u2581", prepend_scheme: "always" },
  model: {
    type: "Unigram",
    unk_id: 3,
    vocab: [
      ...robertaSpecial.map((token) => [token, 0]),
      ["\u2581film", -2],
      ["s", -3],
      ["\u2581war", -2],
      ["\u2581sea", -2],
      ["\u2581", -4],
      ["e", -5],
      ["fi", -5],
    ],
  },
};

/** Ġ stands for a space, Ã and © for the two bytes of é. */
const bytePairTokens = [
  ...robertaSpecial,
  ...["f", "i", "l", "m", "w", "a", "r", "s", "e", "\u0120", "\u00c3", "\u00a9"],
  ...["fi", "lm", "film", "wa", "war", "se", "sea", "\u0120film", "\u0120war", "\u0120sea"],
];

const bytePair = {
  added_tokens: special(robertaSpecial),
  normalizer: null,
  pre_tokenizer: {
    type: "ByteLevel",
    add_prefix_space: false,
    trim_offsets: true,
    use_regex: true,
  },
  post_processor: {
    type: "RobertaProcessing",
    sep: ["</s>", 2],
    cls: ["<s>", 0],
    trim_offsets: true,
    add_prefix_space: false,
  },
  decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: {
    type: "BPE",
    ...{ dropout: null, unk_token: null, continuing_subword_prefix: "", end_of_word_suffix: "" },
    fuse_unk: false,
    vocab: vocabularyOf(bytePairTokens),
    merges: [
      ...["f i", "l m", "fi lm", "w a", "wa r", "s e", "se a"],
      ...["\u0120 film", "\u0120 war", "\u0120 sea"],
    ],
  },
};

/** The `tokenizer.json` of an architecture. */
export const tokenizers: Readonly<Record<Architecture, object>> = {
  bert: wordPiece,
  "xlm-roberta": unigram,
  longformer: bytePair,
};

/** Ids of words after a space, and of the first word of a text where that is another. */
const ids: Readonly<
  Record<Architecture, Readonly<Record<string, readonly [ids: number[], first?: number[]]>>>
> = {
  bert: { film: [[4]], films: [[4, 5]], war: [[6]], seas: [[7, 5]] },
  "xlm-roberta": { film: [[4]], films: [[4, 5]], war: [[6]], seas: [[7, 5]] },
  longformer: {
    film: [[23], [18]],
    films: [
      [23, 11],
      [18, 11],
    ],
    war: [[24], [20]],
    seas: [
      [25, 11],
      [22, 11],
    ],
  },
};

/** The token ids of words with a space between them, without the special ones. */
export function idsOf(architecture: Architecture, words: readonly string[]): readonly number[] {
  return words.flatMap((word, place) => {
    const found = ids[architecture][word];
    if (found === undefined) throw new Error(`no word ${word}`);
    return (place === 0 ? found[1] : undefined) ?? found[0];
  });
}
