import { FlowError } from "../../base/errors.ts";
import type { Catalog } from "../../flow/stage.ts";
import type { SqlParams } from "../../tables/database.ts";
import { sqlAbout, sqlFile, sqlNames } from "../../tables/sql-file.ts";
import { requireTables } from "../stage-of-table.ts";
import { answerOfRows, type QueryAnswer } from "./answer.ts";
import { paramValues, parseParams, showParam, type SavedParam } from "./saved-params.ts";

/** A statement of sql/inspect, run by name. */
export interface SavedQuery {
  readonly name: string;
  /** One line of help. */
  readonly about: string;
  /** The tables it needs. */
  readonly reads: readonly string[];
  readonly params: readonly SavedParam[];
  readonly sql: string;
}

/** All saved queries, sorted by name. */
export function savedQueries(): readonly SavedQuery[] {
  return sqlNames("inspect").map((name) => readSavedQuery(name, sqlFile(`inspect/${name}`)));
}

/**
 * Parses a saved query. Its header says what is needed to run it:
 *
 * ```sql
 * -- inspect/NAME: one line of help.
 * -- grain   …
 * -- reads   table(column, column), table
 * -- params  $name  TYPE = default, meaning
 * ```
 *
 * `reads` and `params` may continue on lines that start with `--` and nine spaces.
 */
export function readSavedQuery(name: string, sql: string): SavedQuery {
  return {
    name,
    about: sqlAbout(sql),
    reads: [
      ...headerField(sql, "reads")
        .join(" ")
        .matchAll(/(\w+)(?:\([^)]*\))?(?:, |$)/g),
    ].map(([, table = ""]) => table),
    params: parseParams(name, headerField(sql, "params")),
    sql,
  };
}

/** @throws `CONFIG_INVALID` listing the saved queries if none has this name */
export function findSavedQuery(queries: readonly SavedQuery[], name: string): SavedQuery {
  const found = queries.find((query) => query.name === name);
  if (found !== undefined) return found;
  const known = queries.map((query) => query.name).join(", ");
  throw new FlowError("CONFIG_INVALID", `unknown saved query ${name}; saved queries: ${known}`);
}

/** A statement with values for its parameters. */
export interface ReadyQuery {
  readonly sql: string;
  readonly params?: SqlParams;
}

/**
 * A saved query with values for its parameters.
 *
 * @param given - Assignments such as `top=5`; other parameters take their defaults
 * @throws `CONFIG_INVALID` for an unknown query or parameter, `RUN_INVALID` naming the stage that makes a table the run lacks
 */
export function bindSavedQuery(
  name: string,
  given: readonly string[],
  tables: Catalog,
): ReadyQuery {
  const query = findSavedQuery(savedQueries(), name);
  const params = paramValues(query.name, query.params, given);
  requireTables(`the saved query ${name}`, query.reads, Object.keys(tables));
  return { sql: query.sql, params };
}

/** The saved queries with their parameters and one line of help each. */
export function listSavedQueries(): QueryAnswer {
  return answerOfRows(
    { name: "other", parameters: "other", about: "other" },
    savedQueries().map(({ name, params, about }) => [name, params.map(showParam).join(" "), about]),
  );
}

/** The lines of one field of a statement's header, without the field's name. */
function headerField(sql: string, field: string): readonly string[] {
  const lines = sql.split("\n");
  const margin = `-- ${field.padEnd(8)}`;
  const first = lines.findIndex((line) => line.startsWith(margin));
  if (first === -1) return [];
  const rest = lines.slice(first + 1);
  const end = rest.findIndex((line) => !line.startsWith(`--${" ".repeat(margin.length - 2)}`));
  return [lines[first] ?? "", ...rest.slice(0, end)].map((line) => line.slice(margin.length));
}
