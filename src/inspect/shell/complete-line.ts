import { printableLine } from "../../base/printable.ts";
import type { Database } from "../../tables/database.ts";
import { textFormats } from "../sql/answer.ts";
import { savedQueries } from "../sql/saved-queries.ts";

interface CompletionContext {
  readonly db: Database;
  readonly tables: readonly string[];
  /** Names of the dot commands. */
  readonly commands: readonly string[];
}

/** Replacements for `typed`, the last part of the line before the cursor. */
type Completion = [hits: string[], typed: string];

/**
 * Completes a dot command, its argument, or a statement.
 *
 * @param pending - Earlier lines of the same statement
 * @param line - Text before the cursor
 */
export async function completeLine(
  pending: string,
  line: string,
  context: CompletionContext,
): Promise<Completion> {
  const isCommand = pending.trim() === "" && line.trimStart().startsWith(".");
  return isCommand ? completeCommand(line, context) : completeSql(pending, line, context.db);
}

function completeCommand(line: string, { tables, commands }: CompletionContext): Completion {
  const words = line.trimStart().split(/\s+/);
  const typed = words.at(-1) ?? "";
  const [command = "", name = ""] = words;
  const isFirstArgument = words.length === 2;
  const candidates = (): readonly string[] => {
    if (words.length === 1) return commands;
    if (command === ".schema" && isFirstArgument) return tables;
    if (command === ".format" && isFirstArgument) return textFormats;
    if (command !== ".run") return [];
    const queries = savedQueries();
    if (isFirstArgument) return queries.map((query) => query.name);
    const params = queries.find((query) => query.name === name)?.params ?? [];
    return params.map((param) => `${param.name}=`);
  };
  return [candidates().filter((candidate) => candidate.startsWith(typed)), typed];
}

/**
 * DuckDB's suggestions that start with the typed text: tables and columns of the run or, if none match, all of them. DuckDB also
 * suggests hundreds of its own tables and functions.
 */
async function completeSql(pending: string, line: string, db: Database): Promise<Completion> {
  const text = pending + line;
  const rows = await db.rows(suggestions, { text });
  const start = Number(rows[0]?.["suggestion_start"] ?? Buffer.byteLength(text)); // UTF-8 bytes
  const typed = Buffer.from(text).subarray(start).toString();
  const hits = rows.filter((row) =>
    String(row["suggestion"]).toLowerCase().startsWith(typed.toLowerCase()),
  );
  const own = hits.filter((row) => row["is_own"] === true);
  const shown = (own.length > 0 ? own : hits).map((row) =>
    printableLine(String(row["suggestion"])),
  );
  return [[...new Set(shown)], typed];
}

const suggestions = `
  with own as (
    select table_name as name from duckdb_columns() where not internal
    union
    select column_name from duckdb_columns() where not internal
  )
  select suggestion, suggestion_start, trim(suggestion) in (from own) as is_own
  from sql_auto_complete($text)
  order by suggestion_score`;
