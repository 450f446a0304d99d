/** @file The class of `@huggingface/tokenizers`, typed by hand: its own types do not resolve under `nodenext`, their imports lack extensions. */
import { Tokenizer } from "@huggingface/tokenizers";

/** A tokenizer made of the content of a `tokenizer.json`. */
export interface HuggingFaceTokenizer {
  readonly encode: (
    text: string,
    options: { readonly add_special_tokens: boolean },
  ) => { readonly ids: readonly number[] };
}

const library: unknown = Tokenizer;

/** Makes a tokenizer. @throws what the library throws for a content that is no tokenizer's */
export function huggingFaceTokenizer(content: object): HuggingFaceTokenizer {
  if (!isTokenizerClass(library)) throw new Error("@huggingface/tokenizers has no Tokenizer");
  return new library(content, {});
}

function isTokenizerClass(
  value: unknown,
): value is new (content: object, config: object) => HuggingFaceTokenizer {
  return typeof value === "function";
}
