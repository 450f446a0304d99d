import { FlowError } from "../../base/errors.ts";

/** Characters of a text that are read unless settings say otherwise: about 200 chunks of the bundled encoder. */
export const defaultMaxCharacters = 100_000;

/** The beginning of a text. */
export interface LimitedText {
  readonly text: string;
  /** Characters that are left out. */
  readonly lost: number;
}

/** Cuts a text after so many characters, between words where there is a space not far before. */
export function limitText(text: string, maxCharacters: number): LimitedText {
  if (text.length <= maxCharacters) return { text, lost: 0 };
  const start = text.slice(0, maxCharacters);
  const space = start.slice(-longestWord).search(/\s\S*$/);
  const isHalf = /[\uD800-\uDBFF]$/.test(start);
  const end =
    space >= 0
      ? start.length - Math.min(longestWord, start.length) + space
      : start.length - (isHalf ? 1 : 0);
  // At least one character is read.
  const kept = end === 0 ? start : start.slice(0, end);
  return { text: kept, lost: text.length - kept.length };
}

const longestWord = 100;

/** Tokens in the part that is left out, as dense as in the part that is read. */
export function lostTokens(tokens: number, { text, lost }: LimitedText): number {
  return Math.round((tokens * lost) / text.length);
}

/** The error for a text beyond the limit, where that is one. */
export function tooLong(which: string, characters: number, maxCharacters: number): FlowError {
  return new FlowError(
    "INPUT_INVALID",
    `${which}: the text has ${characters} characters, of which ${maxCharacters} are read; shorten it, raise encode.maxCharacters, or set ` +
      "encode.overlong to chunks or first",
  );
}
