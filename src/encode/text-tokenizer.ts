import path from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { z } from "zod";
import { FlowError, reasonOf } from "../errors.ts";
import { encoderFiles, readJson, type EncoderConfig } from "./encoder-folder.ts";
import { unigramFile, unigramTokenizer } from "./unigram-tokenizer.ts";

/** The token ids of a text, without cutting it. */
export type TextTokenizer = (text: string) => readonly number[];

/**
 * The tokenizer of an encoder folder.
 *
 * @throws FlowError `INPUT_INVALID` when `tokenizer.json` is missing or of an unknown kind
 */
export async function openTokenizer(
  folder: string,
  config: Pick<EncoderConfig, "tokenizer">,
): Promise<TextTokenizer> {
  const file = path.join(folder, encoderFiles.tokenizer);
  const content = await readJson(file);
  try {
    return config.tokenizer === "unigram"
      ? unigramTokenizer(unigramFile.parse(content))
      : libraryTokenizer(z.record(z.string(), z.unknown()).parse(content));
  } catch (error) {
    throw new FlowError("INPUT_INVALID", `${file}: not a tokenizer (${reasonOf(error)})`, {
      cause: error,
    });
  }
}

/** What is used of the library's class. Its types do not resolve under `nodenext`: their imports lack extensions. */
type TokenizerClass = new (
  content: object,
  config: object,
) => { readonly encode: (text: string) => { readonly ids: readonly number[] } };

const library: unknown = Tokenizer;

function libraryTokenizer(content: object): TextTokenizer {
  if (!isTokenizerClass(library)) throw new Error("@huggingface/tokenizers has no Tokenizer");
  const tokenizer = new library(content, {});
  return (text) => tokenizer.encode(text).ids;
}

function isTokenizerClass(value: unknown): value is TokenizerClass {
  return typeof value === "function";
}
