import { FlowError } from "../../base/errors.ts";
import { sqlAbout, sqlFile, sqlNames } from "../../tables/sql-file.ts";
import { parseParams, type SavedParam } from "./saved-params.ts";

/** A statement of sql/inspect that people run by its name. */
export interface SavedQuery {
  readonly name: string;
  /** One line of help. */
  readonly about: string;
  /** The tables it needs. */
  readonly reads: readonly string[];
  readonly params: readonly SavedParam[];
  readonly sql: string;
}

/** All saved queries, by name. */
export function savedQueries(): readonly SavedQuery[] {
  return sqlNames("inspect").map((name) => readSavedQuery(name, sqlFile(`inspect/${name}`)));
}

/**
 * A saved query from its text. The header says what is needed to run it:
 *
 * ```sql
 * -- inspect/NAME: one line of help.
 * -- grain   …
 * -- reads   table(column, column), table
 * -- params  $name  TYPE = default, meaning
 * ```
 *
 * `reads` and `params` go on in further lines that begin with `--` and nine blanks.
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

/** @throws `CONFIG_INVALID` naming those that there are */
export function findSavedQuery(queries: readonly SavedQuery[], name: string): SavedQuery {
  const found = queries.find((query) => query.name === name);
  if (found !== undefined) return found;
  const known = queries.map((query) => query.name).join(", ");
  throw new FlowError("CONFIG_INVALID", `there is no saved query ${name}; there are: ${known}`);
}

/** The lines of one field of a statement's header, without their margin. */
function headerField(sql: string, field: string): readonly string[] {
  const lines = sql.split("\n");
  const margin = `-- ${field.padEnd(8)}`;
  const first = lines.findIndex((line) => line.startsWith(margin));
  if (first === -1) return [];
  const rest = lines.slice(first + 1);
  const end = rest.findIndex((line) => !line.startsWith(`--${" ".repeat(margin.length - 2)}`));
  return [lines[first] ?? "", ...rest.slice(0, end)].map((line) => line.slice(margin.length));
}
