import type { AnswerColumn, QueryAnswer } from "./query-run.ts";

/** An answer from rows that are there already. */
export function listAnswer(
  columns: Readonly<Record<string, AnswerColumn["kind"]>>,
  rows: readonly (readonly unknown[])[],
): QueryAnswer {
  async function* each(): AsyncGenerator<readonly unknown[]> {
    yield* await Promise.resolve(rows);
  }
  return {
    columns: Object.entries(columns).map(([name, kind]) => ({ name, kind })),
    rows: each(),
  };
}
