/** @file What messages call the users and items of a run: the source's ids, see {@link sourceNames}. */
import { ingestStages } from "../../base/stage-names.ts";
import type { Subject } from "../../base/terms.ts";
import { catalogOf, readStageManifest } from "../../flow/stage-manifest.ts";
import type { Database } from "../database.ts";
import { mountTables } from "../mount-tables.ts";
import { dictionariesIn, dictionaryOf } from "./source-ids.ts";

/** Names some ids at once, for messages; the result names an id of others by itself. */
export type NameIds = (ids: readonly number[]) => Promise<(id: number) => string>;

/**
 * How a run's source calls its users and items. Reads the run's dictionaries, which need not be among a task's inputs: names only
 * appear in messages, never in a result.
 */
export async function sourceNames(
  db: Database,
  runDir: string,
): Promise<Readonly<Record<Subject, NameIds>>> {
  const found = await Promise.all(ingestStages.map((stage) => readStageManifest(runDir, stage)));
  const dictionaries = dictionariesIn(catalogOf(found.filter((manifest) => manifest !== null)));
  await mountTables(db, dictionaries, runDir);
  const namesOf = (subject: Subject): NameIds => {
    const table = dictionaryOf(subject);
    if (dictionaries[table] === undefined) return () => Promise.resolve(String);
    return namesIn(db, table, { id: `${subject}_id`, name: "source_id" });
  };
  return { user: namesOf("user"), item: namesOf("item") };
}

/** Names ids by a table. */
export function namesIn(
  db: Database,
  table: string,
  { id, name }: { readonly id: string; readonly name: string },
): NameIds {
  return async (ids) => {
    const wanted = `unnest([${[...new Set(ids)].join(", ")}]::integer[])`;
    const rows = await db.rows(
      `select ${id} as id, ${name} as name from ${table} where ${id} in (select ${wanted})`,
    );
    const names = new Map(rows.map((row) => [Number(row["id"]), String(row["name"])]));
    return (one) => names.get(one) ?? String(one);
  };
}
