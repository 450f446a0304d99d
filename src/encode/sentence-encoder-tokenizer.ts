/** @file The bundled encoder's vocabulary as a `tokenizer.json`, the format all encoder folders use. */
import { z } from "zod";
import type { Json } from "../flow/json.ts";

/** Pieces with their log probabilities; a few have none (they stand as infinite in the source) and count as 0. */
const vocabularySchema = z.array(z.tuple([z.string(), z.number().nullable()])).min(7);
const reservedPieces = 6; // unknown, <s>, </s> and three spare ones: never matched in a text
const neverChosen = -1000;
const wordStart = "\u2581";

/**
 * A Unigram `tokenizer.json` that cuts texts as the package does: NFKC, every space and the start marked by U+2581,
 * neighbouring unknown characters taken as one.
 *
 * One difference is deliberate: the package mistakes a score of 0 for "not reached", so that it cuts a text that
 * begins with ":" into smaller pieces than its own vocabulary asks for.
 *
 * @param vocabulary - the parsed `vocab.json`
 */
export function sentenceEncoderTokenizer(vocabulary: unknown): Json {
  const pieces = vocabularySchema.parse(vocabulary);
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [],
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
      vocab: pieces.map(([piece, score], id) => [
        piece,
        id < reservedPieces ? neverChosen : (score ?? 0),
      ]),
    },
  };
}
