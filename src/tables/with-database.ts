import { openDatabase, type Database, type DatabaseOptions } from "./database.ts";

/** Runs `use` on a database and closes it whatever happens. */
export async function withDatabase<T>(
  options: DatabaseOptions,
  use: (db: Database) => Promise<T>,
): Promise<T> {
  const db = await openDatabase(options);
  try {
    return await use(db);
  } finally {
    db.close();
  }
}
