import type { Database } from "../../../tables/database.ts";
import { quote, quoteName } from "../../../tables/quote.ts";
import { sqlFile } from "../../../tables/sql-file.ts";

/**
 * Creates a view of a statement in sql/. DuckDB views take no parameters, so the values of its `$name`s are inserted as literals.
 */
export async function createView(
  db: Database,
  view: string,
  statement: string,
  values: Readonly<Record<string, string | number>> = {},
): Promise<void> {
  const sql = sqlFile(statement)
    .replaceAll(/^--.*\n/gm, "")
    .replaceAll(/\$([a-z_]+)/g, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`internal: ${statement} needs $${name}`);
      return typeof value === "string" ? quote(value) : String(value);
    });
  await db.run(`create or replace view ${quoteName(view)} as ${sql}`);
}
