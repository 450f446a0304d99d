import type { AnswerColumn, AnswerRow, QueryAnswer } from "./query-run.ts";

/** An answer from rows that are there already. */
export function listAnswer(
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
