import path from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { FlowError, reasonOf } from "../errors.ts";
import { encoderFiles, readJson } from "./encoder-folder.ts";

/**
 * The part of the library's class that is used. Its published types do not resolve under `nodenext` (their imports lack
 * extensions).
 */
type TokenizerClass = new (
  content: object,
  config: object,
) => { readonly encode: (text: string) => { readonly ids: readonly number[] } };

const library: unknown = Tokenizer;

/** The token ids of a text, without cutting it. */
export type TextTokenizer = (text: string) => readonly number[];

/**
 * The tokenizer of an encoder folder.
 *
 * @throws FlowError `INPUT_INVALID` when `tokenizer.json` is missing or of an unknown kind
 */
export async function openTokenizer(folder: string): Promise<TextTokenizer> {
  const file = path.join(folder, encoderFiles.tokenizer);
  const content = await readJson(file);
  try {
    if (!isTokenizerClass(library)) throw new Error("@huggingface/tokenizers has no Tokenizer");
    if (typeof content !== "object" || content === null) throw new Error("it is not an object");
    const tokenizer = new library(content, {});
    return (text) => tokenizer.encode(text).ids;
  } catch (error) {
    throw new FlowError("INPUT_INVALID", `${file}: not a tokenizer (${reasonOf(error)})`, {
      cause: error,
    });
  }
}

function isTokenizerClass(value: unknown): value is TokenizerClass {
  return typeof value === "function";
}
