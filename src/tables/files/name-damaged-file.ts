import { SqlError } from "../../base/errors.ts";
import type { Database } from "../database.ts";
import { plainParquet } from "./plain-parquet.ts";
import { unreadableFile } from "./read-fault.ts";

/** A file, and a query that fails if the file is damaged. */
interface FileProbe {
  readonly path: string;
  readonly sql: string;
}

/**
 * Runs `work` on Parquet files, which are read where they are and only where they are needed. If a statement fails, reads each file on its
 * own to find the one that is damaged.
 *
 * @param paths - Of the Parquet files among those that `work` reads
 * @throws `INPUT_INVALID` naming the damaged file; what `work` throws if no file is
 */
export function nameDamagedFile<T>(
  db: Database,
  paths: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  // Every column, each value of it: damage shows only where it is read.
  const sql = (path: string): string => `select max(hash(columns(*))) from ${plainParquet([path])}`;
  return nameDamagedBy(db, () => paths.map((path) => ({ path, sql: sql(path) })), work);
}

/**
 * Runs `work`. If a statement fails, asks the probes one by one to find the file that is damaged.
 *
 * @throws `INPUT_INVALID` naming the damaged file; what `work` throws if no probe fails
 */
export async function nameDamagedBy<T>(
  db: Database,
  probes: () => readonly FileProbe[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    for (const { path, sql } of probes()) {
      await db.rows(sql).catch((damage: unknown) => {
        throw unreadableFile(path, damage);
      });
    }
    throw error;
  }
}
