import { FlowError, SqlError } from "../../../base/errors.ts";
import type { Database, SqlParams } from "../../../tables/database.ts";
import { sqlFile } from "../../../tables/sql-file.ts";

const shownFaults = 3;

/**
 * Creates a table or view from a file of the source.
 *
 * @throws `INPUT_INVALID` with line and reason when the statement cannot read the file
 */
export async function readFileInto(
  db: Database,
  kind: "table" | "view",
  name: string,
  sql: string,
  params: SqlParams,
  path: string,
): Promise<void> {
  try {
    await db.run(`create ${kind} ${name} as ${sql}`, params);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw new FlowError(
      "INPUT_INVALID",
      `${path} cannot be read: ${csvFault(error.message)}\nFix or replace the file and run again.`,
      { cause: error },
    );
  }
}

/**
 * Runs a statement that lists faulty lines (`line`, `content`, `reason`, and their total `faults`) and must find none.
 *
 * @throws `INPUT_INVALID` showing the first of them
 */
export async function refuseFaults(
  db: Database,
  statement: string,
  params: SqlParams,
  path: string,
): Promise<void> {
  const faults = await db.rows(sqlFile(statement), { ...params, limit: shownFaults });
  const [first] = faults;
  if (first === undefined) return;
  const lines = faults.map(
    ({ line, reason, content }) => `  line ${String(line)}: ${String(reason)}: ${String(content)}`,
  );
  throw new FlowError(
    "INPUT_INVALID",
    `${path}: ${String(first["faults"])} faulty line(s):\n${lines.join("\n")}\nFix or remove them and run again.`,
  );
}

/** Line, reason and content from DuckDB's CSV error, without the page of options that follows; else its first lines. */
function csvFault(message: string): string {
  const [what = ""] = message.split("\nPossible fixes");
  const fault = /CSV Error on Line: (\d+)\s+Original Line:\s*(.*)[^]*\n(.+)/.exec(what.trim());
  if (fault === null) return what.split("\n").slice(0, 3).join(" ");
  const [, line = "", content = "", reason = ""] = fault;
  return `line ${line}: ${reason}: ${content}`;
}
