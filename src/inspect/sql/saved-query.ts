import type { Catalog } from "../../flow/stage.ts";
import type { SqlParams } from "../../tables/database.ts";
import { listAnswer } from "./list-answer.ts";
import type { QueryAnswer } from "./query-run.ts";
import { paramValues, showParam } from "./saved-params.ts";
import { findSavedQuery, savedQueries } from "./saved-queries.ts";
import { requireTables } from "../stage-of-table.ts";

/** A statement with values for its parameters. */
export interface ReadyQuery {
  readonly sql: string;
  readonly params?: SqlParams;
}

/**
 * A saved query with values for its parameters.
 *
 * @param given - Texts such as `top=5`; parameters that are not given have their defaults
 * @throws `CONFIG_INVALID` for a name or a parameter that there is not, `RUN_INVALID` naming the stage that makes a table the run lacks
 */
export function savedQuery(name: string, given: readonly string[], tables: Catalog): ReadyQuery {
  const query = findSavedQuery(savedQueries(), name);
  const params = paramValues(query.name, query.params, given);
  requireTables(`the saved query ${name}`, query.reads, Object.keys(tables));
  return { sql: query.sql, params };
}

/** The saved queries with what each takes and a line of help. */
export function listSaved(): QueryAnswer {
  return listAnswer(
    { name: "other", parameters: "other", about: "other" },
    savedQueries().map(({ name, params, about }) => [name, params.map(showParam).join(" "), about]),
  );
}
