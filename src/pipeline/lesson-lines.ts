import type { FileCheck } from "../flow/file-check.ts";
import { lessonLengths, paperTokens, type LessonLengths } from "../tables/lesson-lengths.ts";
import { withRunTables } from "./with-run-tables.ts";

/** What a run's fine-tuning data are, one line for each model that can be trained on them. */
export async function lessonLines(runDir: string, check: FileCheck): Promise<readonly string[]> {
  const lengths = await withRunTables(runDir, ({ db }) => lessonLengths(db), { check });
  return lengths.map((each) => lessonLine(each, paperTokens));
}

/**
 * Such as "fine-tuning data of the actor about users: 40 rows (2 for validation), about 812 tokens on average, 95 % at most 1,024, the
 * longest 1,200; 0 over 2,048".
 */
export function lessonLine(lengths: LessonLengths, limit: number): string {
  const { subject, role, rows, validRows, isEstimated } = lengths;
  const number = (amount: number): string => Math.round(amount).toLocaleString("en");
  return (
    `fine-tuning data of the ${role} about ${subject}s: ${number(rows)} rows (${number(validRows)} for validation), ` +
    `${isEstimated ? "about " : ""}${number(lengths.meanTokens)} tokens on average, 95 % at most ${number(lengths.p95Tokens)}, ` +
    `the longest ${number(lengths.mostTokens)}; ${number(lengths.rowsOverLimit)} over ${number(limit)}`
  );
}
