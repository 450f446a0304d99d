import { SqlError } from "../../base/errors.ts";
import type { Database } from "../database.ts";
import { plainParquet } from "./plain-parquet.ts";
import { unreadableFile } from "./read-fault.ts";

/**
 * Runs `work` on Parquet files, which are read where they are and only where they are needed. If a statement fails, reads each file on its
 * own to find the one that is damaged.
 *
 * @param paths - Of the Parquet files among those that `work` reads
 * @throws `INPUT_INVALID` naming the damaged file; what `work` throws if no file is
 */
export async function nameDamagedFile<T>(
  db: Database,
  paths: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    for (const path of paths) {
      await db
        // Every column, each value of it: damage shows only where it is read.
        .rows(`select max(hash(columns(*))) from ${plainParquet([path])}`)
        .catch((damage: unknown) => {
          throw unreadableFile(path, damage);
        });
    }
    throw error;
  }
}
