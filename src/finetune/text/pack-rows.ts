import type { EncodedChat } from "./chat-tokenizer.ts";
import { noTarget, type PackedRow } from "./packed-row.ts";

/**
 * Packs conversations into rows of at most `tokens` by first-fit decreasing; a longer one has a row of its own. Equal inputs give equal
 * rows.
 */
export function packRows(chats: readonly EncodedChat[], tokens: number): readonly PackedRow[] {
  const rows: { length: number; readonly chats: EncodedChat[] }[] = [];
  for (const chat of chats.toSorted((one, other) => tokensOf(other) - tokensOf(one))) {
    const length = tokensOf(chat);
    const row = rows.find((each) => each.length + length <= tokens);
    if (row === undefined) rows.push({ length, chats: [chat] });
    else {
      row.chats.push(chat);
      row.length += length;
    }
  }
  return rows.map(({ chats: together }) => rowOf(together));
}

/** Tokens of a conversation. */
export function tokensOf({ prompt, answer }: EncodedChat): number {
  return prompt.length + answer.length;
}

function rowOf(chats: readonly EncodedChat[]): PackedRow {
  const length = chats.reduce((total, chat) => total + tokensOf(chat), 0);
  const row: PackedRow = {
    ids: new Int32Array(length),
    positions: new Int32Array(length),
    segments: new Int32Array(length),
    targets: new Int32Array(length).fill(noTarget),
  };
  let start = 0;
  for (const [segment, { prompt, answer }] of chats.entries()) {
    const ids = [...prompt, ...answer];
    row.ids.set(ids, start);
    row.segments.fill(segment, start, start + ids.length);
    for (let place = 0; place < ids.length; place++) row.positions[start + place] = place;
    if (prompt.length > 0) row.targets.set(answer, start + prompt.length - 1);
    else row.targets.set(answer.slice(1), start);
    start += ids.length;
  }
  return row;
}
