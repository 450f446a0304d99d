import { FlowError } from "../../base/errors.ts";
import type { TokenCounter } from "../../llm/count-tokens.ts";
import type { Overlong } from "../text/text-cutter.ts";

/** A text as it is sent. */
export interface SentText {
  readonly pieces: readonly string[];
  /** Tokens that are not sent. */
  readonly truncated: number;
}

/** How much of a text a model reads. */
export interface TextRoom {
  /** Most tokens per text, without special ones; undefined: the server's limit. */
  readonly tokens: number | undefined;
  readonly overlong: Overlong;
  readonly counter: TokenCounter;
}

/**
 * Cuts a text into pieces that the model can read, between words if possible.
 *
 * @param which - Names the text in errors
 * @throws FlowError `INPUT_INVALID` for a text that is too long where that is an error
 */
export function cutText(
  text: string,
  { tokens: room, overlong, counter }: TextRoom,
  which: () => string,
): SentText {
  if (room === undefined) return { pieces: [text], truncated: 0 };
  const tokens = counter.count(text);
  if (tokens <= room) return { pieces: [text], truncated: 0 };
  if (overlong === "error") {
    throw new FlowError(
      "INPUT_INVALID",
      `${which()}: the text has ${tokens} tokens, of which ${room} are read; shorten it, or set encode.overlong to chunks or first`,
    );
  }
  const pieces: string[] = [];
  for (let rest = text.trim(); rest !== "";) {
    const piece = longestStart(rest, room, counter);
    pieces.push(piece.trim());
    if (overlong === "first") break;
    rest = rest.slice(piece.length).trimStart();
  }
  const sent = pieces.reduce((sum, piece) => sum + counter.count(piece), 0);
  return { pieces, truncated: overlong === "first" ? Math.max(0, tokens - sent) : 0 };
}

/** The longest prefix of at most `room` tokens, up to the end of a word; at least one character. */
function longestStart(text: string, room: number, counter: TokenCounter): string {
  let fits = 0;
  let exceeds = text.length + 1;
  while (exceeds - fits > 1) {
    const middle = Math.floor((fits + exceeds) / 2);
    if (counter.count(text.slice(0, middle)) <= room) fits = middle;
    else exceeds = middle;
  }
  if (fits === text.length) return text;
  const wordEnd = /^[^]*\S(?=\s)/.exec(text.slice(0, fits + 1))?.[0].length ?? 0;
  if (wordEnd > 0) return text.slice(0, wordEnd);
  const whole = isSurrogateStart(text.charCodeAt(fits - 1)) ? fits - 1 : fits;
  return text.slice(0, Math.max(1, whole));
}

function isSurrogateStart(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
