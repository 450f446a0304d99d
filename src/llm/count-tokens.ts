import { readFile } from "node:fs/promises";
import { z } from "zod";
import { FlowError, reasonOf } from "../base/errors.ts";
import { estimatedTokens } from "./cost.ts";
import { huggingFaceTokenizer } from "./hugging-face-tokenizer.ts";

/** Counts the tokens of texts, and says how. */
export interface TokenCounter {
  /** "exact": by the model's own tokenizer. "estimated": four characters per token. */
  readonly method: "exact" | "estimated";
  readonly count: (text: string) => number;
}

/** Tokens that a chat template adds per message: start, role, end and line break. */
const tokensAMessage = 4;

/**
 * Tokens of a conversation, with those that a chat template adds to each message.
 *
 * @param contents - Of its messages
 */
export function conversationTokens(
  contents: readonly string[],
  count: TokenCounter["count"],
): number {
  return contents.reduce((all, content) => all + count(content) + tokensAMessage, 0);
}

/**
 * Counts the tokens of a text, without special ones: by a `tokenizer.json`, or estimated as one per four characters.
 *
 * @throws FlowError `CONFIG_INVALID` when the file cannot be read or is no tokenizer
 */
export async function countTokens(text: string, tokenizerPath?: string): Promise<number> {
  return (await openTokenCounter(tokenizerPath)).count(text);
}

/** {@link countTokens} for many texts; reads the file once. */
export async function openTokenCounter(path?: string): Promise<TokenCounter> {
  if (path === undefined) {
    return { method: "estimated", count: (text) => estimatedTokens(text.length) };
  }
  try {
    const content = z
      .record(z.string(), z.unknown())
      .parse(JSON.parse(await readFile(path, "utf8")));
    const tokenizer = huggingFaceTokenizer(content);
    return {
      method: "exact",
      count: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids.length,
    };
  } catch (error) {
    throw new FlowError(
      "CONFIG_INVALID",
      `cannot count tokens with ${path}, the setting tokenizer of a role: ${reasonOf(error)}. ` +
        "Give the path of the model's tokenizer.json, or leave it out to estimate 4 characters per token.",
      { cause: error },
    );
  }
}
