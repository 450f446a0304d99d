/** @file Loads and checks the rows of a file to be scored. */
import { FlowError } from "../../base/errors.ts";
import type { Database } from "../../tables/database.ts";
import { quoteName } from "../../tables/quote.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { openTableFile, unreadable, wholeNumbers } from "../../tables/table-file.ts";

/** Row number in `given` and `score_rows`; a name that a file is unlikely to use. */
const rowColumn = "r4ec row";

/** Query for the file's columns plus each row's probability from a table `scores(row, probability)`, in the file's order. */
export const scoredRows =
  `select given.* exclude (${quoteName(rowColumn)}), scores.probability from given ` +
  `join scores on given.${quoteName(rowColumn)} = scores.row order by scores.row`;

/**
 * Loads a file into the table `given` and creates the view `score_rows` with the columns that scoring needs.
 *
 * @param file - Absolute
 * @returns Rows in the file
 * @throws `INPUT_INVALID` with file, row or column, and the fix
 */
export async function loadRows(db: Database, file: string): Promise<number> {
  const { source, columns } = await openTableFile(db, file);
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const fault = (message: string): FlowError => new FlowError("INPUT_INVALID", `${file}${message}`);
  for (const name of ["user_id", "item_id"]) {
    if (types.has(name)) continue;
    const known = [...types.keys()].join(", ");
    throw fault(`: there is no column ${name}, only ${known}; rename the column that holds it`);
  }
  if (types.has("probability")) {
    throw fault(": there is already a column probability; remove or rename it");
  }
  const time = types.get("ts");
  if (time !== undefined && !/^(TIMESTAMP(_S|_MS|_NS)?|DATE|VARCHAR)$/.test(time)) {
    throw fault(`: column ts is ${time}; cast it to TIMESTAMP, in UTC`);
  }
  try {
    await db.run("set preserve_insertion_order = true"); // rows are numbered in the file's order
    await db.run(
      `create table given as select row_number() over () as ${quoteName(rowColumn)}, * from ${source}`,
    );
  } catch (error) {
    throw unreadable(file, error);
  }
  await db.run(`create view score_rows as ${normalised(types)}`);
  const [found] = await db.rows(`select * from (\n${sqlFile("score/row_faults")}\n) limit 1`);
  if (found !== undefined) throw fault(`, row ${String(found["row"])}: ${faultText(found)}`);
  const [count] = await db.rows("select count(*) as rows from given");
  return Number(count?.["rows"]);
}

/** The query of `score_rows`; columns that the file lacks are null. */
function normalised(types: ReadonlyMap<string, string>): string {
  const has = (name: string): boolean => types.has(name);
  const given = (name: string, sql: string, type: string): string =>
    has(name) ? sql : `null::${type}`;
  const list = (name: string, type: string): string =>
    given(name, `try_cast(${name} as ${type})`, type);
  const isGiven = (name: string): string => (has(name) ? `${name} is not null` : "false");
  return `select ${quoteName(rowColumn)} as row,
    ${wholeNumbers("user_id")} as user_id, cast(user_id as varchar) as given_user,
    ${wholeNumbers("item_id")} as item_id, cast(item_id as varchar) as given_item,
    ${isGiven("history_items")} as is_items_given, ${list("history_items", "integer[]")} as history_items,
    ${isGiven("history_ratings")} as is_ratings_given, ${list("history_ratings", "float[]")} as history_ratings,
    ${given("ts", "cast(ts as varchar)", "varchar")} as given_ts,
    ${given("ts", "cast(epoch_us(try_cast(ts as timestamp)) as double)", "double")} as ts_us
    from given`;
}

function faultText(found: Readonly<Record<string, unknown>>): string {
  const value = (name: string): string => `"${String(found[name])}"`;
  const texts: Readonly<Record<string, string>> = {
    user: `user_id ${value("given_user")} is not a 32-bit integer; use the ids of the run's source`,
    item: `item_id ${value("given_item")} is not a 32-bit integer; use the ids of the run's source`,
    ts: `ts ${value("given_ts")} is not a time; write it as 2024-01-31 12:00:00, in UTC, or leave it empty`,
    "half a history":
      "history_items and history_ratings go together; give both, or neither for the user's history in the run",
    "history items": "history_items is not a list of integers; write it as [1, 2, 3], oldest first",
    "history ratings": "history_ratings is not a list of numbers; write it as [4, 3.5, 5]",
    lengths:
      "history_items and history_ratings differ in length; give one rating for each item of the history",
  };
  return texts[String(found["fault"])] ?? "";
}
