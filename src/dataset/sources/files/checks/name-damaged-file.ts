import { SqlError } from "../../../../base/errors.ts";
import type { Database } from "../../../../tables/database.ts";
import { unreadableFile } from "../file-errors.ts";
import type { SourceFile } from "../find-files.ts";
import { plainParquet } from "../../../../tables/plain-parquet.ts";

/**
 * Runs `work` on Parquet files, which are read where they are and only where they are needed. If a statement fails, reads each file on its
 * own to find the one that is damaged.
 *
 * @throws `INPUT_INVALID` naming the damaged file; what `work` throws if no file is
 */
export async function nameDamagedFile<T>(
  db: Database,
  files: readonly SourceFile[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    for (const { path, format, bytes } of files) {
      if (format !== "parquet" || bytes === null) continue;
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
