import { FlowError } from "../../../../base/errors.ts";
import type { Database } from "../../../../tables/database.ts";
import { sqlFile } from "../../../../tables/sql-file.ts";
import { isOneOf } from "../columns/missing-values.ts";
import { roleColumns, type RoleColumns } from "../columns/wanted-columns.ts";
import { namesOf } from "../file-errors.ts";
import type { SourceFile } from "../find-files.ts";
import type { FilesSettings } from "../settings.ts";

/** Most types that a message lists. */
const shownTypes = 20;

/**
 * What is wrong with `dataset.columns.positiveEvents`: types that no row of `source_raw` has, as where their case is another. With them
 * left as they are, events meant to count as liked would count as not liked.
 *
 * @returns A text that lists the types there are; null if every type occurs, and for logs without event types
 */
export async function unknownEvents(
  db: Database,
  { columns }: Pick<FilesSettings, "columns">,
  files: readonly SourceFile[],
): Promise<string | null> {
  const { event, positiveEvents } = columns;
  if (event === undefined) return null;
  const { value } = roleColumns({ columns }, []);
  await db.run(
    `create or replace view source_events_typed as select cast(${value.column} as varchar) as type from source_raw`,
  );
  const wanted = JSON.stringify(positiveEvents);
  const rows = await db.rows(sqlFile("source/event_types"), { wanted, limit: shownTypes });
  const types = rows.map((row) => ({ type: String(row["type"]), rows: Number(row["rows"]) }));
  const unknown = positiveEvents.filter((name) => types.every(({ type }) => type !== name));
  if (unknown.length === 0 || types.length === 0) return null;
  const shown = types.map(({ type, rows: count }) => `${type} (${count.toLocaleString("en")})`);
  const others = Number(rows[0]?.["types"]) - types.length;
  const more = others > 0 ? ` and ${others.toLocaleString("en")} more` : "";
  return (
    `dataset.columns.positiveEvents: no row of ${namesOf(files)} has the type ${unknown.join(" or ")} in column ${event}, ` +
    `only ${shown.join(", ")}${more}; write types as they stand there, and leave out those that do not occur`
  );
}

/** Those of `dataset.columns.positiveEvents` that a row of `source_raw` has. */
export async function eventsIn(
  db: Database,
  { columns: { event, positiveEvents } }: Pick<FilesSettings, "columns">,
  { value: { column } }: Pick<RoleColumns, "value">,
): Promise<readonly string[]> {
  if (event === undefined) return [];
  const type = `cast(${column} as varchar)`;
  const rows = await db.rows(
    `select distinct ${type} as type from source_raw where ${isOneOf(type, positiveEvents)} order by type`,
  );
  return rows.map((row) => String(row["type"]));
}

/** @throws `INPUT_INVALID` for what {@link unknownEvents} finds */
export async function refuseUnknownEvents(
  ...found: Parameters<typeof unknownEvents>
): Promise<void> {
  const fault = await unknownEvents(...found);
  if (fault !== null) throw new FlowError("INPUT_INVALID", fault);
}
