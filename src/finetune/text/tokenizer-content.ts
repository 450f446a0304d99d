/** @file What is read of a `tokenizer.json`. */
import { z } from "zod";

const addedTokenSchema = z.looseObject({
  id: z.int().nonnegative(),
  content: z.string().min(1),
  special: z.boolean().default(false),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
});

/** A token that is cut out of texts before all others. */
export type AddedToken = z.infer<typeof addedTokenSchema>;

/** The keys of a `tokenizer.json` that are looked at; the others are handed on. */
export const tokenizerContentSchema = z.looseObject({
  added_tokens: z.array(addedTokenSchema).default([]),
  pre_tokenizer: z.unknown(),
  model: z.looseObject({
    vocab: z.union([z.record(z.string(), z.int().nonnegative()), z.array(z.unknown())]),
  }),
});

export type TokenizerContent = z.infer<typeof tokenizerContentSchema>;

/** One more than the highest id of a token. */
export function vocabularyOf({ added_tokens, model: { vocab } }: TokenizerContent): number {
  const added = added_tokens.reduce((most, { id }) => Math.max(most, id + 1), 0);
  const own = Array.isArray(vocab)
    ? vocab.length
    : Object.values(vocab).reduce((most, id) => Math.max(most, id + 1), 0);
  return Math.max(added, own);
}

/** The id of a token; undefined where there is none. */
export function idOfToken(
  { added_tokens, model: { vocab } }: TokenizerContent,
  token: string,
): number | undefined {
  const added = added_tokens.find(({ content }) => content === token)?.id;
  return added ?? (Array.isArray(vocab) ? undefined : vocab[token]);
}

/** The same tokenizer without its special tokens: to it they are text like any other. */
export function withoutSpecialTokens(content: TokenizerContent): TokenizerContent {
  const isSpecial = new Set(
    content.added_tokens.filter(({ special }) => special).map((token) => token.content),
  );
  const { vocab } = content.model;
  return {
    ...content,
    post_processor: null,
    added_tokens: content.added_tokens.filter(({ special }) => !special),
    model: {
      ...content.model,
      vocab: Array.isArray(vocab)
        ? vocab
        : Object.fromEntries(
            Object.entries(vocab).filter(
              ([token]) => !isSpecial.has(token) || token === content.model["unk_token"],
            ),
          ),
    },
  };
}
