/** @file The bundled encoder's vocabulary as a `tokenizer.json`, the format all encoder folders use. */
import { z } from "zod";
import type { Json } from "../../base/json.ts";

/** Pieces with their log probabilities; a few have none (they stand as infinite in the source) and count as 0. */
const vocabularySchema = z.array(z.tuple([z.string(), z.number().nullable()])).min(7);
const reservedPieces = 6; // unknown, <s>, </s> and three spare ones: never matched in a text
const wordStart = "\u2581";

/**
 * A Unigram `tokenizer.json`; unigram-tokenizer.ts says how it is read.
 *
 * @param vocabulary - the parsed `vocab.json`
 */
export function sentenceEncoderTokenizer(vocabulary: unknown): Json {
  const pieces = vocabularySchema.parse(vocabulary);
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: pieces.slice(0, reservedPieces).map(([content], id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "NFKC" },
        { type: "Replace", pattern: { String: " " }, content: wordStart },
        { type: "Prepend", prepend: wordStart },
      ],
    },
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: "Metaspace", replacement: wordStart, prepend_scheme: "always" },
    model: {
      type: "Unigram",
      unk_id: 0,
      byte_fallback: false,
      vocab: pieces.map(([piece, score]) => [piece, score ?? 0]),
    },
  };
}
