import { fileCheck, type FileCheck } from "../flow/file-check.ts";
import type { Catalog } from "../flow/stage.ts";
import type { Database } from "./database.ts";
import { mountTables } from "./mount-tables.ts";
import {
  defineSourceIds,
  dictionariesIn,
  numberedIds,
  usesSourceIds,
} from "./source-ids/source-ids.ts";

/**
 * {@link mountTables} for readers outside of a run's tasks, with the macros of {@link defineSourceIds}: the parts of a table are
 * checked, size and content, before the first statement that names it, so that a damaged part is an error and not a number. Tables that
 * nobody reads may be damaged.
 *
 * @param check - What is known of the run's files already. Default: nothing
 * @returns The database with the checks: its statements throw `RUN_INVALID` naming a part that is missing or damaged, and the cure.
 *   On a connection of its own, `attempt` checks
 */
export async function mountChecked(
  db: Database,
  tables: Catalog,
  runDir: string,
  check: FileCheck = fileCheck(runDir),
): Promise<Database> {
  const unmounted = new Map<string, unknown>();
  for (const [table, parts] of Object.entries(tables)) {
    try {
      await mountTables(db, { [table]: parts }, runDir);
    } catch (error) {
      unmounted.set(table, error);
    }
  }
  await defineSourceIds(db, numberedIds(tables)).catch((error: unknown) => {
    if (unmounted.size === 0) throw error; // otherwise statements with these macros say what is missing
  });
  const checked = new Set<string>();
  const names = new RegExp(`\\b(${Object.keys(tables).join("|")})\\b`, "gi");
  const dictionaries = Object.keys(dictionariesIn(tables));
  const tablesOf = (sql: string): readonly string[] => {
    if (Object.keys(tables).length === 0) return [];
    const named = [...sql.matchAll(names)].map(([name]) => name.toLowerCase());
    return usesSourceIds(sql) ? [...named, ...dictionaries] : named;
  };
  return withChecks(db, async (sql) => {
    for (const table of tablesOf(sql)) {
      if (checked.has(table)) continue;
      await check.require(tables[table] ?? []);
      if (unmounted.has(table)) throw unmounted.get(table);
      checked.add(table);
    }
  });
}

/** Runs `before` on the text of every statement. */
function withChecks(db: Database, before: (sql: string) => Promise<void>): Database {
  return {
    run: async (sql, params) => {
      await before(sql);
      await db.run(sql, params);
    },
    rows: async (sql, params) => {
      await before(sql);
      return db.rows(sql, params);
    },
    connect: async () => {
      const own = await db.connect();
      return {
        ...own,
        attempt: async (sql, work) => {
          await before(sql);
          return own.attempt(sql, work);
        },
      };
    },
    onFork: (use) => db.onFork((own) => use(withChecks(own, before))),
    close: db.close,
  };
}
