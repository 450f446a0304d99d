import { z } from "zod";
import type { Database, SqlParams } from "../../tables/database.ts";
import { sqlFile } from "../../tables/sql-file.ts";

/** A `TIMESTAMP` column as ISO 8601 text in UTC. */
export const timestampText = z.date().transform((date) => date.toISOString());

/**
 * Runs a statement of `sql/report/` and validates its rows.
 *
 * @param name - File name without extension
 * @param row - Schema of a row
 */
export async function queryRows<Row extends z.ZodType>(
  db: Database,
  name: string,
  row: Row,
  params?: SqlParams,
): Promise<readonly z.infer<Row>[]> {
  return z.array(row).parse(await db.rows(sqlFile(`report/${name}`), params));
}
