import type { QueryAnswer } from "./query-run.ts";

/** The first rows of an answer. What the functions say is known when the rows have been read. */
interface CappedAnswer {
  readonly answer: QueryAnswer;
  readonly rowsSeen: () => number;
  /** Whether there were more. */
  readonly isCut: () => boolean;
}

/** Ends an answer after `maxRows` rows; one more is read to see whether there is one. */
export function capRows({ columns, rows }: QueryAnswer, maxRows: number): CappedAnswer {
  let seen = 0;
  let isCut = false;
  async function* firstRows(): AsyncGenerator<readonly unknown[]> {
    for await (const row of rows) {
      isCut = seen === maxRows;
      if (isCut) return;
      seen++;
      yield row;
    }
  }
  return { answer: { columns, rows: firstRows() }, rowsSeen: () => seen, isCut: () => isCut };
}
