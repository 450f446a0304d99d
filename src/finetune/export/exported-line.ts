import type { ExportedStudent } from "./write-student.ts";

interface Limit {
  /** Tokens of a row at most. */
  readonly maxTokens: number;
  /** Whether tokens are estimated. */
  readonly isEstimated: boolean;
}

/** Such as "412 rows to train on, 20 for validation; 3 over 2,048 tokens left out". */
export function exportedLine(made: ExportedStudent, limit: Limit): string {
  return `${number(made.trainRows)} rows to train on, ${number(made.validRows)} for validation${longText(made, limit)}`;
}

/** What is said of rows that are too long; empty where there are none. */
export function longText(
  { longRows }: Pick<ExportedStudent, "longRows">,
  { maxTokens, isEstimated }: Limit,
): string {
  if (longRows === 0) return "";
  const estimated = isEstimated ? " (estimated)" : "";
  return `; ${number(longRows)} over ${number(maxTokens)} tokens${estimated} left out`;
}

function number(amount: number): string {
  return amount.toLocaleString("en");
}
