import { z } from "zod";
import type { Database } from "../../tables/database.ts";
import { sqlFile } from "../../tables/sql-file.ts";

/** The test rows of a run. */
export interface TestRows {
  readonly rows: number;
  /** Distinct users. */
  readonly users: number;
  /** Equal in two runs when they have the same rows in the same order: users, items, times and labels of the source. */
  readonly fingerprint: string;
}

const testRows = z.array(
  z.object({ rows: z.number(), users: z.number(), fingerprint: z.string().nullable() }),
);

/**
 * The test rows of the view `samples`; null if there are none.
 *
 * @param db - With the macros that translate ids, as `mountChecked` defines them
 */
export async function findTestRows(db: Database): Promise<TestRows | null> {
  const [found] = testRows.parse(await db.rows(sqlFile("experiments/test_rows")));
  if (found === undefined || found.fingerprint === null) return null;
  return { ...found, fingerprint: found.fingerprint };
}
