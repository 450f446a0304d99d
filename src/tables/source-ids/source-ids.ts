/**
 * @file Ids of users and items as the source has them. Inside a run they are integers: the source's own or, where a dictionary
 * numbers them, the dictionary's numbers. Whatever comes from outside or is shown is translated here.
 */
import { subjects, type Subject } from "../../base/terms.ts";
import type { Catalog } from "../../flow/stage.ts";
import type { Database } from "../database.ts";
import { mountTables } from "../mount-tables.ts";
import { plainNumber } from "./id-text.ts";

/** Whether a dictionary numbers the ids. */
export type NumberedIds = Readonly<Record<Subject, boolean>>;

/** The table that numbers the ids of a subject. */
export function dictionaryOf(subject: Subject): "user_dictionary" | "item_dictionary" {
  return `${subject}_dictionary`;
}

/** The dictionaries among the tables; none where the source's ids are integers. */
export function dictionariesIn(tables: Catalog): Catalog {
  const names = subjects.map(dictionaryOf);
  const found = names.map((name) => [name, tables[name] ?? []] as const);
  return Object.fromEntries(found.filter(([, parts]) => parts.length > 0));
}

/** Which ids the tables' dictionaries number. */
export function numberedIds(tables: Catalog): NumberedIds {
  const { [dictionaryOf("user")]: users = [], [dictionaryOf("item")]: items = [] } = tables;
  return { user: users.length > 0, item: items.length > 0 };
}

/** Whether a statement uses the macros of {@link defineSourceIds}, which read the dictionaries. */
export function usesSourceIds(sql: string): boolean {
  return /\b(?:source|run)_(?:user|item)_ids?\b|\bsource_id\b/i.test(sql);
}

/**
 * Mounts a run's dictionaries and defines the macros that translate ids, see {@link defineSourceIds}.
 *
 * @param tables - The run's, or those of them that matter
 */
export async function mountSourceIds(
  db: Database,
  tables: Catalog,
  runDir: string,
): Promise<NumberedIds> {
  await mountTables(db, dictionariesIn(tables), runDir);
  const numbered = numberedIds(tables);
  await defineSourceIds(db, numbered);
  return numbered;
}

/**
 * Defines macros, with `item` for `user` likewise:
 *
 * - `source_user_id(id)`: the source's id of a user of the run; INTEGER, or VARCHAR where a dictionary numbers the ids.
 * - `source_user_ids(ids)`: the same for a list.
 * - `run_user_id(id)`: the run's INTEGER id of a user whom the source calls so; null for an id that the run does not have or, without
 *   a dictionary, that is no 32-bit integer.
 * - `source_id(subject, id)`: the source's id where a column says whether it is that of a user or an item.
 *
 * @param db - With the dictionaries mounted that number ids
 */
export async function defineSourceIds(db: Database, numbered: NumberedIds): Promise<void> {
  for (const subject of subjects) {
    const { toSource, toSources, toRun } = numbered[subject] ? lookups(subject) : sameIds;
    await db.run(`create or replace macro source_${subject}_id(id) as ${toSource}`);
    await db.run(`create or replace macro source_${subject}_ids(ids) as ${toSources}`);
    await db.run(`create or replace macro run_${subject}_id(id) as ${toRun}`);
  }
  const type = numbered.user || numbered.item ? "varchar" : "integer";
  await db.run(
    "create or replace macro source_id(subject, id) as case subject " +
      `when 'user' then cast(source_user_id(id) as ${type}) else cast(source_item_id(id) as ${type}) end`,
  );
}

interface Translations {
  readonly toSource: string;
  readonly toSources: string;
  readonly toRun: string;
}

const sameIds: Translations = {
  toSource: "id",
  toSources: "ids",
  toRun: wholeNumber("cast(id as varchar)"),
};

function lookups(subject: Subject): Translations {
  const dictionary = dictionaryOf(subject);
  const entries = entriesOf(dictionary, subject);
  const numberOf = (text: string): string =>
    `(select r4ec_number from ${entries} where r4ec_source = ${text})`;
  const places =
    "(select unnest(ids) as r4ec_id, generate_subscripts(ids, 1) as r4ec_place) as r4ec_listed";
  return {
    toSource: sourceIdIn(dictionary, subject, "id"),
    toSources:
      `coalesce((select list(r4ec_source order by r4ec_place) from ${places} left join ${entries} ` +
      "on r4ec_id = r4ec_number), if(ids is null, null, []::varchar[]))",
    // As it stands first: a dictionary may hold ids that look like numbers with a point.
    toRun: `coalesce(${numberOf("cast(id as varchar)")}, ${numberOf(plainNumber("cast(id as varchar)"))})`,
  };
}

/** SQL for the source's id of a number in a dictionary; null for a number that is not in it. */
export function sourceIdIn(dictionary: string, subject: Subject, number: string): string {
  return `(select r4ec_source from ${entriesOf(dictionary, subject)} where r4ec_number = ${number})`;
}

/**
 * The columns have names of their own: a macro's argument is put in as it is written, and `item_id` would mean the dictionary's
 * column.
 */
function entriesOf(dictionary: string, subject: Subject): string {
  return `(select ${subject}_id as r4ec_number, source_id as r4ec_source from ${dictionary}) as r4ec_entries`;
}

/** SQL for the 32-bit integer that a text is; null for anything else. */
export function wholeNumber(text: string): string {
  const digits = `trim(${text})`;
  return `if(regexp_full_match(${digits}, '[-+]?[0-9]+([.]0+)?'), try_cast(${digits} as integer), null)`;
}
