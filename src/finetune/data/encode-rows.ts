import { setImmediate } from "node:timers/promises";
import { FlowError, reasonOf } from "../../base/errors.ts";
import type { ChatTokenizer, EncodedChat } from "../text/chat-tokenizer.ts";
import { chatTokens } from "../text/pack-chats.ts";
import type { ChatRow } from "./chat-row.ts";

/** Rows between two turns of the event loop. */
const rowsAtOnce = 64;

/** Rows as a trainer takes them. */
export interface EncodedRows {
  readonly train: readonly EncodedChat[];
  readonly valid: readonly EncodedChat[];
  /** Rows left out because they are longer than allowed. */
  readonly longRows: number;
  /** Tokens of the longest row, also of one left out. */
  readonly longestRow: number;
  /** Of the longest one that is not left out. */
  readonly longestKept: number;
}

export interface EncodeLimits {
  readonly maxTokens: number;
  /** Most rows that may be left out, as a share. */
  readonly maxLong: number;
  /** How settings or options name these two, for cures. */
  readonly settings: { readonly maxTokens: string; readonly maxLong: string };
}

/**
 * Puts rows into a model's chat template and tokens, and leaves out those that are too long.
 *
 * @throws `INPUT_INVALID` naming a row that the template cannot render
 */
export async function encodeRows(
  rows: readonly ChatRow[],
  tokenizer: ChatTokenizer,
  maxTokens: number,
  signal: AbortSignal,
): Promise<EncodedRows> {
  const train: EncodedChat[] = [];
  const valid: EncodedChat[] = [];
  let longRows = 0;
  let longestRow = 0;
  let longestKept = 0;
  for (const [index, { place, messages, isValid }] of rows.entries()) {
    if (index % rowsAtOnce === 0) await setImmediate();
    signal.throwIfAborted();
    const chat = encoded(place, () => tokenizer.encode(messages));
    const tokens = chatTokens(chat);
    longestRow = Math.max(longestRow, tokens);
    if (tokens > maxTokens) {
      longRows++;
      continue;
    }
    longestKept = Math.max(longestKept, tokens);
    (isValid ? valid : train).push(chat);
  }
  return { train, valid, longRows, longestRow, longestKept };
}

/**
 * @param what - Whose rows these are, such as "the user actor"
 * @throws `INPUT_INVALID` where no row is left to train on, and where more rows are too long than may be left out
 */
export function requireRows(
  what: string,
  { train, valid, longRows, longestRow }: EncodedRows,
  { maxTokens, maxLong, settings }: EncodeLimits,
): void {
  const rows = train.length + valid.length + longRows;
  const count = (rowsOf: number): string => rowsOf.toLocaleString("en");
  const long = `${count(longRows)} of ${count(rows)} rows have more than ${count(maxTokens)} tokens, the longest ${count(longestRow)}`;
  if (longRows > maxLong * rows) {
    throw new FlowError(
      "INPUT_INVALID",
      `${what}: ${long}. Raise ${settings.maxTokens}, which takes memory, or ${settings.maxLong} (${maxLong}) to leave so many out.`,
    );
  }
  if (train.length === 0) {
    const why =
      rows === 0
        ? "there are no rows"
        : longRows > 0
          ? `${long}. Raise ${settings.maxTokens}`
          : "all rows are for validation";
    throw new FlowError("INPUT_INVALID", `${what}: no row is left to train on: ${why}`);
  }
}

function encoded(place: string, encode: () => EncodedChat): EncodedChat {
  try {
    return encode();
  } catch (error) {
    if (!(error instanceof FlowError)) throw error;
    throw new FlowError(error.code, `${place}: ${reasonOf(error)}`, { cause: error });
  }
}
