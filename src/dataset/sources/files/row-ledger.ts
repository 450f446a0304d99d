import { FlowError } from "../../../base/errors.ts";
import type { Database } from "../../../tables/database.ts";

/** Steps that leave out rows of the interactions, in order. */
export type LedgerStep = "bad row" | "sampling" | "no metadata" | "duplicate" | "k-core";

/** Accounts for every row of the interactions: it is kept, or counted in the step that left it out. */
export interface RowLedger {
  /** Rows in the files. */
  readonly rowsRead: number;
  /** Counts rows that a step left out; zero rows are not recorded. */
  readonly drop: (step: LedgerStep, reason: string, rows: number) => void;
  /** Rows not left out by any step. */
  readonly left: () => number;
  /** From rows read to rows kept, in order of the steps. */
  readonly lines: () => readonly LedgerLine[];
}

export interface LedgerLine {
  readonly step: "read" | LedgerStep | "kept";
  /** Empty for `read` and `kept`. */
  readonly reason: string;
  readonly rows: number;
}

export function rowLedger(rowsRead: number): RowLedger {
  const dropped: LedgerLine[] = [];
  const left = (): number => dropped.reduce((rest, { rows }) => rest - rows, rowsRead);
  return {
    rowsRead,
    drop: (step, reason, rows) => {
      if (rows > 0) dropped.push({ step, reason, rows });
    },
    left,
    lines: () => [
      { step: "read", reason: "", rows: rowsRead },
      ...dropped,
      { step: "kept", reason: "", rows: left() },
    ],
  };
}

/** A ledger as text, one line per step. */
function ledgerText(lines: readonly LedgerLine[]): string {
  return lines
    .map(({ step, reason, rows }) => {
      const what = reason === "" ? step : `${step}: ${reason}`;
      return `  ${rows.toLocaleString("en")} ${what}`;
    })
    .join("\n");
}

/** @throws `INPUT_INVALID` saying what became of the rows, if none is left */
export function refuseNothingLeft(name: string, ledger: Pick<RowLedger, "left" | "lines">): void {
  if (ledger.left() > 0) return;
  throw new FlowError(
    "INPUT_INVALID",
    `${name}: no interactions are left\n${ledgerText(ledger.lines())}`,
  );
}

/** Creates the table `source_counts` with the columns of `ingest_counts`. */
export async function makeCounts(db: Database, lines: readonly LedgerLine[]): Promise<void> {
  await db.run(
    "create or replace table source_counts (place integer, step varchar, reason varchar, rows bigint)",
  );
  for (const [index, { step, reason, rows }] of lines.entries()) {
    await db.run("insert into source_counts values ($place, $step, $reason, $rows)", {
      ...{ place: index + 1, step, reason, rows },
    });
  }
}
