/** @file Loads and checks the rows of a file to be scored. */
import { FlowError } from "../../base/errors.ts";
import type { Database } from "../../tables/database.ts";
import { quoteName } from "../../tables/quote.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { refuseLostIds } from "../../tables/source-ids/refuse-lost-ids.ts";
import { idText, idTexts } from "../../tables/source-ids/id-text.ts";
import type { NumberedIds } from "../../tables/source-ids/source-ids.ts";
import { unreadableFile } from "../../tables/files/read-fault.ts";
import { openTableFile } from "../../tables/files/table-file.ts";
import type { Subject } from "../../base/terms.ts";

/** Row number in `given` and `score_rows`; a name that a file is unlikely to use. */
const rowColumn = "r4ec row";

/** Query for the file's columns plus each row's probability from a table `scores(row, probability)`, in the file's order. */
export const scoredRows =
  `select given.* exclude (${quoteName(rowColumn)}), scores.probability from given ` +
  `join scores on given.${quoteName(rowColumn)} = scores.row order by scores.row`;

/** Stands for a user or item that the run does not have; no id. */
const unknownId = -2147483648;

/**
 * Loads a file into the table `given` and makes `score_rows` with the columns that scoring needs, ids as in the run.
 *
 * @param db - With the macros of `defineSourceIds`
 * @param file - Absolute; its ids are those of the run's source
 * @returns Rows in the file
 * @throws `INPUT_INVALID` with file, row or column, and the fix
 */
export async function loadRows(db: Database, file: string, numbered: NumberedIds): Promise<number> {
  const idColumns = [
    ...(numbered.user ? ["user_id"] : []),
    ...(numbered.item ? ["item_id", "history_items"] : []),
  ];
  const { source, columns } = await openTableFile(db, file, idColumns);
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
    throw unreadableFile(file, error);
  }
  await refuseLost(db, file, types);
  // Looking up ids is a join with a dictionary, done once.
  const kind = numbered.user || numbered.item ? "table" : "view";
  await db.run(`create ${kind} score_rows as ${normalised(types, numbered)}`);
  const [found] = await db.rows(`select * from (\n${sqlFile("score/row_faults")}\n) limit 1`);
  if (found !== undefined) {
    throw fault(`, row ${String(found["row"])}: ${faultText(found, numbered)}`);
  }
  const [count] = await db.rows("select count(*) as rows from given");
  return Number(count?.["rows"]);
}

/** Checks ids of users, items and histories for lost digits. */
async function refuseLost(
  db: Database,
  file: string,
  types: ReadonlyMap<string, string>,
): Promise<void> {
  for (const name of ["user_id", "item_id"]) {
    const type = types.get(name) ?? "";
    await refuseLostIds(db, { from: "given", column: name, type, text: `${file}: column ${name}` });
  }
  const type = types.get("history_items");
  if (type === undefined) return;
  const isList = type.endsWith("[]");
  const items = isList ? "history_items" : idTexts("history_items", type);
  await refuseLostIds(db, {
    ...{ from: `(select unnest(${items}) as history_item from given)`, column: "history_item" },
    ...{ type: isList ? type.slice(0, -2) : "VARCHAR", text: `${file}: column history_items` },
  });
}

/** The user or item of a row as the file names it. */
export async function givenId(db: Database, subject: Subject, row: number): Promise<string> {
  const [found] = await db.rows(`select given_${subject} as id from score_rows where row = ${row}`);
  return String(found?.["id"]);
}

/** The query of `score_rows`; columns that the file lacks are null. */
function normalised(types: ReadonlyMap<string, string>, numbered: NumberedIds): string {
  const has = (name: string): boolean => types.has(name);
  const given = (name: string, sql: string, type: string): string =>
    has(name) ? sql : `null::${type}`;
  const isGiven = (name: string): string => (has(name) ? `${name} is not null` : "false");
  const textOf = (subject: Subject): string =>
    idText(`${subject}_id`, types.get(`${subject}_id`) ?? "");
  const id = (subject: Subject): string => {
    const text = textOf(subject);
    if (!numbered[subject]) return `run_${subject}_id(${text})`;
    return `if(${text} is null, null, coalesce(run_${subject}_id(${text}), ${unknownId}))`;
  };
  const events = numbered.item
    ? numberedEvents(idTexts("history_items", types.get("history_items") ?? ""))
    : "try_cast(history_items as integer[])";
  return `select ${quoteName(rowColumn)} as row,
    ${id("user")} as user_id, ${textOf("user")} as given_user,
    ${id("item")} as item_id, ${textOf("item")} as given_item,
    ${isGiven("history_items")} as is_items_given, ${given("history_items", events, "integer[]")} as history_items,
    ${isGiven("history_ratings")} as is_ratings_given, ${given("history_ratings", "try_cast(history_ratings as float[])", "float[]")} as history_ratings,
    ${given("ts", "cast(ts as varchar)", "varchar")} as given_ts,
    ${given("ts", "cast(epoch_us(try_cast(ts as timestamp)) as double)", "double")} as ts_us
    from given`;
}

/** The items of a list of texts, unknown ones as {@link unknownId}; null stays null. */
function numberedEvents(texts: string): string {
  return (
    `coalesce((select list(if(given_id is null, null, coalesce(run_item_id(given_id), ${unknownId})) order by place) ` +
    `from (select unnest(${texts}) as given_id, generate_subscripts(${texts}, 1) as place)), ` +
    `if(${texts} is null, null, []::integer[]))`
  );
}

function faultText(found: Readonly<Record<string, unknown>>, numbered: NumberedIds): string {
  const value = (name: string): string => `"${String(found[name])}"`;
  const id = (subject: Subject): string =>
    numbered[subject]
      ? `there is no ${subject}_id; fill it in or leave the row out`
      : `${subject}_id ${value(`given_${subject}`)} is not a 32-bit integer; use the ids of the run's source`;
  const texts: Readonly<Record<string, string>> = {
    user: id("user"),
    item: id("item"),
    ts: `ts ${value("given_ts")} is not a time; write it as 2024-01-31 12:00:00, in UTC, or leave it empty`,
    "half a history":
      "history_items and history_ratings go together; give both, or neither for the user's history in the run",
    "history items": numbered.item
      ? "history_items is not a list of ids; write it as [a, b, c], oldest first"
      : "history_items is not a list of integers; write it as [1, 2, 3], oldest first",
    "history ratings": "history_ratings is not a list of numbers; write it as [4, 3.5, 5]",
    lengths:
      "history_items and history_ratings differ in length; give one rating for each item of the history",
  };
  return texts[String(found["fault"])] ?? "";
}
