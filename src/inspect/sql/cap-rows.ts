import type { AnswerRow, QueryAnswer } from "./query-run.ts";

/** The first rows of an answer. What the functions say is known when the rows have been read. */
interface CappedAnswer {
  readonly answer: QueryAnswer;
  readonly rowsSeen: () => number;
  /** Whether there were more. */
  readonly isCut: () => boolean;
}

/** Ends an answer after `maxRows` rows; it is read on to the next row to see whether there is one. */
export function capRows({ columns, blocks }: QueryAnswer, maxRows: number): CappedAnswer {
  let seen = 0;
  let isCut = false;
  async function* firstRows(): AsyncGenerator<readonly AnswerRow[]> {
    for await (const block of blocks) {
      const shown = block.slice(0, maxRows - seen);
      seen += shown.length;
      isCut = shown.length < block.length;
      if (shown.length > 0) yield shown;
      if (isCut) return;
    }
  }
  return { answer: { columns, blocks: firstRows() }, rowsSeen: () => seen, isCut: () => isCut };
}
