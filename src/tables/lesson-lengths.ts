import type { Subject } from "../base/terms.ts";
import type { Database } from "./database.ts";
import { sqlFile } from "./sql-file.ts";

/** Most tokens of a row that the paper trains with. */
export const paperTokens = 2048;

/** The tables of fine-tuning data. */
export const lessonTables = ["sft_reason", "sft_refine", "sft_reflect"] as const;

/** How many rows one model learns from, and how long they are. */
export interface LessonLengths {
  readonly subject: Subject;
  readonly role: "actor" | "reflector";
  readonly rows: number;
  /** Of the rows, those for validation. */
  readonly validRows: number;
  /** Users or items that they are about. */
  readonly subjects: number;
  readonly meanTokens: number;
  readonly p95Tokens: number;
  readonly mostTokens: number;
  /** Rows with more tokens than the limit. */
  readonly rowsOverLimit: number;
  /** Whether some tokens are estimated as one per four characters. */
  readonly isEstimated: boolean;
}

/**
 * Counts the rows of a run's fine-tuning data, users first.
 *
 * @param limit - Tokens of a row that a training takes at most
 * @returns Empty for a run without them, and for tables of versions that did not count tokens
 */
export async function lessonLengths(
  db: Database,
  limit: number = paperTokens,
): Promise<readonly LessonLengths[]> {
  if (!(await hasLessons(db))) return [];
  const rows = await db.rows(sqlFile("inspect/lesson_lengths"), { limit });
  return rows.map((row) => ({
    subject: row["subject"] === "user" ? "user" : "item",
    role: row["role"] === "actor" ? "actor" : "reflector",
    rows: Number(row["rows"]),
    validRows: Number(row["valid_rows"]),
    subjects: Number(row["subjects"]),
    meanTokens: Number(row["mean_tokens"]),
    p95Tokens: Number(row["p95_tokens"]),
    mostTokens: Number(row["most_tokens"]),
    rowsOverLimit: Number(row["rows_over_limit"]),
    isEstimated: row["is_estimated"] === true,
  }));
}

/** Whether the tables of fine-tuning data are all there, with the columns of this version. */
export async function hasLessons(db: Database): Promise<boolean> {
  const found = await db.rows(
    "select table_name from information_schema.columns where column_name = 'tokens'",
  );
  const counted = new Set(found.map((row) => row["table_name"]));
  return lessonTables.every((table) => counted.has(table));
}
