/** Formats an answer can be printed in. */
export const textFormats = ["table", "json", "csv"] as const;
export type TextFormat = (typeof textFormats)[number];

/** Formats an answer can be saved in. DuckDB itself writes Parquet. */
export const answerFormats = [...textFormats, "parquet"] as const;
export type AnswerFormat = (typeof answerFormats)[number];

/** Rows printed unless a limit is given. */
export const defaultMaxRows = 1000;

/** A query's answer. */
export interface QueryAnswer {
  readonly columns: readonly AnswerColumn[];
  /** Streamed blocks of rows. Values are plain JavaScript in column order; timestamps are text with microseconds. */
  readonly blocks: AsyncIterable<readonly AnswerRow[]>;
}

export type AnswerRow = readonly unknown[];

export interface AnswerColumn {
  /** As in the statement; two columns may share a name. */
  readonly name: string;
  readonly kind: "number" | "timestamp" | "other";
}

/** An answer made of rows in memory. */
export function answerOfRows(
  columns: Readonly<Record<string, AnswerColumn["kind"]>>,
  rows: readonly AnswerRow[],
): QueryAnswer {
  async function* block(): AsyncGenerator<readonly AnswerRow[]> {
    yield await Promise.resolve(rows);
  }
  return {
    columns: Object.entries(columns).map(([name, kind]) => ({ name, kind })),
    blocks: block(),
  };
}

/** The first rows of an answer. Both functions are valid once the blocks have been read. */
interface LimitedAnswer {
  readonly answer: QueryAnswer;
  readonly rowsRead: () => number;
  /** Whether rows were left out. */
  readonly isCut: () => boolean;
}

/** Ends an answer after `maxRows` rows. Reads one block further if needed, to learn whether there are more rows. */
export function limitRows({ columns, blocks }: QueryAnswer, maxRows: number): LimitedAnswer {
  let rowsRead = 0;
  let isCut = false;
  async function* firstRows(): AsyncGenerator<readonly AnswerRow[]> {
    for await (const block of blocks) {
      const kept = block.slice(0, maxRows - rowsRead);
      rowsRead += kept.length;
      isCut = kept.length < block.length;
      if (kept.length > 0) yield kept;
      if (isCut) return;
    }
  }
  return { answer: { columns, blocks: firstRows() }, rowsRead: () => rowsRead, isCut: () => isCut };
}
