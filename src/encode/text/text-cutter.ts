import { FlowError } from "../../base/errors.ts";
import type { EncoderCard } from "../folder/encoder-card.ts";
import { defaultMaxCharacters, limitText, lostTokens, tooLong } from "./limit-text.ts";
import { splitChunks } from "./split-chunks.ts";
import type { TextTokenizer } from "./text-tokenizer.ts";

/** What happens to texts that are too long for the model: the mean of their chunks, only the first chunk, or an error. */
export type Overlong = "chunks" | "first" | "error";

/** Tokens for the model. */
export interface Sequence {
  /** Special ones included. */
  readonly ids: readonly number[];
  /** Leading tokens that pooling leaves out. */
  readonly unpooled: number;
}

/** How texts that are too long are cut. */
export interface CutOptions {
  readonly overlong: Overlong;
  /** Most characters that are read. */
  readonly maxCharacters?: number | undefined;
}

/** A text as sequences for the model. */
export interface CutText {
  readonly tokens: number;
  readonly truncated: number;
  readonly sequences: readonly Sequence[];
}

/**
 * Cuts texts into sequences that the model can read, each with special tokens around it.
 *
 * @returns A function; its `which` names the text in errors
 * @throws FlowError `CONFIG_INVALID` when there is no room for a token; the cutter throws `INPUT_INVALID` for a text that is empty, too
 *   long where that is an error, or of tokens the model does not know
 */
export function textCutter(
  { name, prefix, poolsPrefix, lowerCase, maxTokens, vocabulary }: EncoderCard,
  { tokenize, before, after }: TextTokenizer,
  { overlong, maxCharacters = defaultMaxCharacters }: CutOptions,
): (text: string, which: () => string) => CutText {
  const room = maxTokens - before.length - after.length;
  if (room < 1) {
    throw new FlowError(
      "CONFIG_INVALID",
      `encoder ${name}: of ${maxTokens} tokens none is left besides ${before.length + after.length} special ones; raise encode.maxTokens`,
    );
  }
  const tokensOf = (text: string): readonly number[] =>
    tokenize(lowerCase ? text.toLowerCase() : text);
  const promptTokens = poolsPrefix || prefix === "" ? 0 : tokensOf(prefix).length;
  // Chunks are at least half full: each needs a token that is pooled.
  if (promptTokens > 0 && promptTokens >= Math.floor(room / 2)) {
    throw new FlowError(
      "CONFIG_INVALID",
      `encoder ${name}: ${promptTokens} of ${room} tokens are the prompt's, which are not pooled, and too few are left; raise ` +
        "encode.maxTokens, or set a shorter encode.prefix",
    );
  }
  const unpooled = promptTokens === 0 ? 0 : before.length + promptTokens;
  return (whole, which) => {
    const limited = limitText(whole, maxCharacters);
    const { text } = limited;
    if (overlong === "error" && limited.lost > 0)
      throw tooLong(which(), whole.length, maxCharacters);
    const tokens = text.trim() === "" ? [] : tokensOf(prefix + text);
    if (tokens.length === 0) {
      throw new FlowError("INPUT_INVALID", `${which()}: the text is empty`);
    }
    const unknown = vocabulary === null ? -1 : tokens.findIndex((id) => id >= vocabulary);
    if (vocabulary !== null && unknown >= 0) {
      throw new FlowError(
        "INPUT_INVALID",
        `${which()}: token ${tokens[unknown] ?? ""} of tokenizer.json is beyond the ${vocabulary} that encoder ${name} has embeddings for: ` +
          "the tokenizer belongs to another model; get all files of one model",
      );
    }
    if (overlong === "error" && tokens.length > room) {
      throw new FlowError(
        "INPUT_INVALID",
        `${which()}: the text has ${tokens.length} tokens, encoder ${name} reads ${room}; shorten it, or set encode.overlong to chunks or first`,
      );
    }
    const chunks = overlong === "first" ? [tokens.slice(0, room)] : splitChunks(tokens, room);
    const lost = lostTokens(tokens.length, limited);
    return {
      tokens: tokens.length + lost,
      truncated: lost + (overlong === "first" ? Math.max(0, tokens.length - room) : 0),
      sequences: chunks.map((chunk, place) => ({
        ids: [...before, ...chunk, ...after],
        unpooled: place === 0 ? unpooled : 0,
      })),
    };
  };
}
