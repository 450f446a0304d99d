import { FlowError } from "../../base/errors.ts";
import type { TextFormat } from "./answer-formats.ts";
import { capRows } from "./cap-rows.ts";
import { formatRows } from "./format-rows.ts";
import type { QueryAnswer } from "./query-run.ts";

export interface ShowOptions {
  readonly format: TextFormat;
  readonly maxRows: number;
  /** How to see every row, for who is shown less. */
  readonly cure: string;
  /** Writes pieces of text one after the other. */
  readonly print: (pieces: AsyncIterable<string>) => Promise<void>;
  /** Tells of what is not part of the answer. */
  readonly say: (line: string) => void;
}

/**
 * Prints the first rows of an answer, and says so when there are more.
 *
 * @returns Rows shown
 */
export async function showAnswer(answer: QueryAnswer, options: ShowOptions): Promise<number> {
  const { format, maxRows, cure, print, say } = options;
  const capped = capRows(answer, maxRows);
  await print(formatRows(capped.answer, format));
  if (capped.isCut()) {
    say(`only the first ${maxRows.toLocaleString("en-US")} rows are shown: ${cure}`);
  }
  return capped.rowsSeen();
}

/**
 * Rows to show from a text.
 *
 * @param what - What the text was given for, for the message
 * @throws `CONFIG_INVALID` unless it is a whole number from 1 on
 */
export function readRowLimit(what: string, text: string): number {
  const rows = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(rows) && rows >= 1) return rows;
  throw new FlowError("CONFIG_INVALID", `${what}: expected an integer >= 1, got ${text}`);
}
