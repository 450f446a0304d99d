import { SqlError } from "../../../base/errors.ts";
import type { Database } from "../../../tables/database.ts";
import { unreadableFile } from "../../../tables/files/read-fault.ts";
import type { OpenedFiles } from "./open-files.ts";

/**
 * Runs what reads a view of {@link openFiles}. If it fails because a file cannot be read to its end, the error names that file.
 *
 * @throws `INPUT_INVALID` naming the file; other errors as they are
 */
export async function namingDamaged<T>(
  db: Database,
  view: string,
  { files, types }: OpenedFiles,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const values = types.map((_, k) => `c${k}`).join(", ");
    for (const [index, { path }] of files.entries()) {
      const probe = `select max(hash(${values})) from ${view} where file_index = ${index}`;
      await db.rows(probe).catch((reason: unknown) => {
        throw unreadableFile(path, reason);
      });
    }
    throw error;
  }
}
