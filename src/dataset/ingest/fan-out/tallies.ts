import { z } from "zod";
import type { TaskContext, TaskSpec, WrittenFile } from "../../../flow/task.ts";
import type { Database } from "../../../tables/database.ts";
import { quote } from "../../../tables/quote.ts";
import { writeQuery } from "../../../tables/write-query.ts";
import type { ReasonCount } from "../../sources/files/bad-rows.ts";
import { byReason } from "../../sources/files/bad-rows.ts";
import { withoutMetadata } from "../../sources/files/drop-rows.ts";
import { repeated } from "../../sources/files/find-duplicates.ts";
import { notSampled } from "../../sources/files/number-rows.ts";
import { rowLedger, type RowLedger } from "../../sources/files/row-ledger.ts";

const fact = z.enum([
  ...(["valid row", "bad row", "sampling", "no metadata", "duplicate", "k-core"] as const),
  // Of a group of files, what only all of them together decide.
  ...(["may lack keys", "event type", "cut user ids", "cut item ids"] as const),
]);

/** A count that a task hands on. */
export interface Tally {
  readonly fact: z.output<typeof fact>;
  /** Reason or example; empty without one. */
  readonly value: string;
  readonly rows: number;
}

/** Writes the counts of a task to `ingest_tallies`. */
export function writeTallies(
  db: Database,
  { stage, index }: TaskSpec,
  tallies: readonly Tally[],
  context: TaskContext,
): Promise<WrittenFile> {
  const rows = [{ fact: "", value: "", rows: 0 }, ...tallies].map(
    (tally, place) => `(${place}, ${quote(tally.fact)}, ${quote(tally.value)}, ${tally.rows})`,
  );
  const sql =
    `select ${quote(stage)}::varchar as stage, ${index}::integer as task, place::integer as place, fact::varchar as fact, ` +
    `value::varchar as value, rows::bigint as rows from (values ${rows.join(", ")}) as tallies(place, fact, value, rows) where place > 0`;
  return writeQuery(db, "ingest_tallies", sql, {}, context);
}

/** The counts of all tasks whose `ingest_tallies` are mounted, in order of the tasks. */
export async function readTallies(db: Database): Promise<readonly (Tally & { task: number })[]> {
  const rows = await db.rows("from ingest_tallies order by stage, task, place");
  return rows.map((row) => ({
    task: Number(row["task"]),
    fact: fact.parse(row["fact"]),
    value: String(row["value"]),
    rows: Number(row["rows"]),
  }));
}

/** Rows of all files that are valid, and bad for each reason. */
export function countsIn(
  tallies: readonly Tally[],
): readonly Pick<ReasonCount, "reason" | "rows">[] {
  return tallies.flatMap(({ fact: step, value, rows }) =>
    step === "valid row" || step === "bad row"
      ? { reason: step === "bad row" ? value : null, rows }
      : [],
  );
}

/** Number of rows of a fact. */
function sumOf(tallies: readonly Tally[], wanted: Tally["fact"]): number {
  return tallies.reduce((sum, tally) => (tally.fact === wanted ? sum + tally.rows : sum), 0);
}

/** What became of all rows so far. */
export function ledgerIn(tallies: readonly Tally[]): RowLedger {
  const counts = countsIn(tallies);
  const ledger = rowLedger(counts.reduce((sum, { rows }) => sum + rows, 0));
  for (const [reason, rows] of byReason(counts)) ledger.drop("bad row", reason, rows);
  ledger.drop("sampling", notSampled, sumOf(tallies, "sampling"));
  ledger.drop("no metadata", withoutMetadata, sumOf(tallies, "no metadata"));
  ledger.drop("duplicate", repeated, sumOf(tallies, "duplicate"));
  for (const { fact: step, value, rows } of tallies) {
    if (step === "k-core") ledger.drop("k-core", value, rows);
  }
  return ledger;
}
