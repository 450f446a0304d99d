import { FlowError } from "../../base/errors.ts";
import type { EncodedChat } from "./chat-tokenizer.ts";

/** Conversations side by side in one row of tokens, which read only themselves. Letter: `T` = tokens of the row. */
export interface PackedRow {
  /** `[T]` */
  readonly ids: Int32Array;
  /** The token to predict at each place, {@link noLabel} where none; `[T]`. */
  readonly labels: Int32Array;
  /** Places in the conversation, from 0; `[T]`. */
  readonly positions: Int32Array;
  /** Which conversation of the row a token is of, from 0; `[T]`. */
  readonly segments: Int32Array;
}

/** A row with the conversations in it, by their place among those given. */
export interface PackedChats extends PackedRow {
  readonly chats: readonly number[];
}

/** Label of a place that predicts nothing. */
export const noLabel = -100;

/** Tokens of a conversation. */
export function chatTokens({ prompt, answer }: EncodedChat): number {
  return prompt.length + answer.length;
}

/**
 * Packs conversations into rows of at most `maxTokens` tokens: the longest first, each into the first row that has room (first-fit
 * decreasing). Every answer's tokens are labels, but for a first token of a conversation. Rows are as long as what is in them.
 *
 * @throws FlowError `INPUT_INVALID` where a conversation is longer than a row
 */
export function packChats(
  chats: readonly EncodedChat[],
  maxTokens: number,
): readonly PackedChats[] {
  requireFit(chats, maxTokens);
  const lengths = chats.map(chatTokens);
  const longestFirst = lengths
    .map((length, index) => ({ length, index }))
    .sort((a, b) => b.length - a.length || a.index - b.index);
  const rows: { used: number; readonly indices: number[] }[] = [];
  for (const { length, index } of longestFirst) {
    const row = rows.find(({ used }) => used + length <= maxTokens);
    if (row === undefined) rows.push({ used: length, indices: [index] });
    else {
      row.used += length;
      row.indices.push(index);
    }
  }
  return rows.map(({ used, indices }) => packRow(chats, indices, used));
}

function packRow(
  chats: readonly EncodedChat[],
  indices: readonly number[],
  tokens: number,
): PackedChats {
  const ids = new Int32Array(tokens);
  const labels = new Int32Array(tokens).fill(noLabel);
  const positions = new Int32Array(tokens);
  const segments = new Int32Array(tokens);
  let start = 0;
  indices.forEach((index, segment) => {
    const { prompt, answer } = chats[index] ?? { prompt: [], answer: [] };
    const end = start + prompt.length + answer.length;
    ids.set(prompt, start);
    ids.set(answer, start + prompt.length);
    for (let at = start; at < end; at++) {
      positions[at] = at - start;
      segments[at] = segment;
      if (at + 1 >= start + prompt.length && at + 1 < end) labels[at] = ids[at + 1] ?? noLabel;
    }
    start = end;
  });
  return { ids, labels, positions, segments, chats: indices };
}

/** Refuses conversations that are longer than a row. */
function requireFit(chats: readonly EncodedChat[], maxTokens: number): void {
  const tooLong = chats.map(chatTokens).filter((length) => length > maxTokens);
  if (tooLong.length === 0) return;
  const longest = tooLong.reduce((most, length) => Math.max(most, length));
  throw new FlowError(
    "INPUT_INVALID",
    `${english(tooLong.length)} of ${english(chats.length)} rows have more than ${english(maxTokens)} tokens ` +
      `(longest ${english(longest)}): raise maxTokens, or leave such rows out`,
  );
}

const english = (number: number): string => number.toLocaleString("en-US");

/** Leaves out the conversations that have more than `maxTokens` tokens. */
export function dropLongChats<Chat extends EncodedChat>(
  chats: readonly Chat[],
  maxTokens: number,
): { readonly kept: readonly Chat[]; readonly dropped: number } {
  const kept = chats.filter((chat) => chatTokens(chat) <= maxTokens);
  return { kept, dropped: chats.length - kept.length };
}
