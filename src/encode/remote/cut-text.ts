import { FlowError } from "../../base/errors.ts";
import type { TokenCounter } from "../../llm/count-tokens.ts";
import { limitText, lostTokens, tooLong } from "../text/limit-text.ts";
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
  /** Most characters that are read. */
  readonly maxCharacters: number;
  readonly counter: TokenCounter;
}

/**
 * Cuts a text into pieces that the model can read, between words if possible.
 *
 * @param which - Names the text in errors
 * @throws FlowError `INPUT_INVALID` for a text that is too long where that is an error
 */
export function cutText(text: string, textRoom: TextRoom, which: () => string): SentText {
  const { overlong, counter, maxCharacters } = textRoom;
  const limited = limitText(text, maxCharacters);
  if (limited.lost === 0) return cutTokens(text, textRoom, which);
  if (overlong === "error") throw tooLong(which(), text.length, maxCharacters);
  const { pieces, truncated } = cutTokens(limited.text, textRoom, which);
  return { pieces, truncated: truncated + lostTokens(counter.count(limited.text), limited) };
}

function cutTokens(
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

/** Characters per token that most pieces have at most. */
const likelyCharacters = 8;
/** A piece this short is not cut again, characters. */
const shortest = 32;

/**
 * Cuts the pieces of a text that a server refuses as too large in halves, between words if possible.
 *
 * @param refused - Pieces by text
 * @param which - Names the text in errors
 * @returns Null when a piece is too short to be cut
 * @throws FlowError `INPUT_INVALID` where a text that is too long is an error
 */
export function halveLarge(
  { pieces, truncated }: SentText,
  refused: ReadonlyMap<string, { readonly reason: string }>,
  { overlong, counter }: TextRoom,
  which: () => string,
): SentText | null {
  const first = pieces.find((piece) => refused.has(piece));
  if (overlong === "error") {
    throw new FlowError(
      "INPUT_INVALID",
      `${which()}: the text is too large for the server: ${refused.get(first ?? "")?.reason ?? ""}; shorten it, or set encode.overlong to ` +
        "chunks or first",
    );
  }
  if (pieces.some((piece) => refused.has(piece) && piece.length <= shortest)) return null;
  const halves = pieces.flatMap((piece) => (refused.has(piece) ? halved(piece) : [piece]));
  if (overlong === "chunks") return { pieces: halves, truncated };
  const [kept = "", ...lost] = halves;
  const lostTokens = lost.reduce((sum, piece) => sum + counter.count(piece), 0);
  return { pieces: [kept], truncated: truncated + lostTokens };
}

/** A text of more than one character as two, at the space nearest to its middle or, without one, there. */
function halved(text: string): readonly string[] {
  const middle = Math.floor(text.length / 2);
  const before = text.slice(0, middle).search(/\s\S*$/);
  const offset = text.slice(middle).search(/\s/);
  const after = offset < 0 ? -1 : middle + offset;
  const space = after < 0 || (before > 0 && middle - before < after - middle) ? before : after;
  const whole = isSurrogateStart(text.charCodeAt(middle - 1)) ? middle - 1 : middle;
  const at = space > 0 && space < text.length - 1 ? space : Math.max(1, whole);
  return [text.slice(0, at).trim(), text.slice(at).trim()].filter((half) => half !== "");
}

/** The longest prefix of at most `room` tokens, up to the end of a word; at least one character. */
function longestStart(text: string, room: number, counter: TokenCounter): string {
  let fits = 0;
  // Grown first: counting the tokens of all that is left, for every piece, would take the square of its length.
  let exceeds = Math.min(text.length, room * likelyCharacters) + 1;
  while (exceeds <= text.length && counter.count(text.slice(0, exceeds - 1)) <= room) {
    fits = exceeds - 1;
    exceeds = Math.min(text.length, 2 * fits) + 1;
  }
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
