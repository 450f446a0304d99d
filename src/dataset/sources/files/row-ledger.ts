import type { Database } from "../../../tables/database.ts";

/** Where rows of the interactions are left out, in this order. */
export type LedgerStep = "bad row" | "sampling" | "no metadata" | "duplicate" | "k-core";

/** What became of the rows of the interactions: each is kept, or counted in the step that left it out. */
export interface RowLedger {
  /** Rows that the files hold. */
  readonly rowsRead: number;
  /** Counts rows that a step left out; none are not noted. */
  readonly drop: (step: LedgerStep, reason: string, rows: number) => void;
  /** Rows that no step has left out. */
  readonly left: () => number;
  /** From rows read to rows kept, in the order of the steps. */
  readonly lines: () => readonly LedgerLine[];
}

export interface LedgerLine {
  readonly step: "read" | LedgerStep | "kept";
  /** Empty for the first and the last. */
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

/** A ledger as text, a line a step. */
export function ledgerText(lines: readonly LedgerLine[]): string {
  return lines
    .map(({ step, reason, rows }) => {
      const what = reason === "" ? step : `${step}: ${reason}`;
      return `  ${rows.toLocaleString("en")} ${what}`;
    })
    .join("\n");
}

/** Makes the table `source_counts`, with the columns of the run's `ingest_counts`. */
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
