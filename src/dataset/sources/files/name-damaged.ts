import type { Database } from "../../../tables/database.ts";
import { nameDamagedBy } from "../../../tables/files/name-damaged-file.ts";
import type { OpenedFiles } from "./open-files.ts";

/**
 * Runs what reads a view of {@link openFiles}. If it fails because a file cannot be read to its end, the error names that file.
 *
 * @throws `INPUT_INVALID` naming the file; other errors as they are
 */
export function namingDamaged<T>(
  db: Database,
  view: string,
  { files, types }: OpenedFiles,
  read: () => Promise<T>,
): Promise<T> {
  const values = types.map((_, k) => `c${k}`).join(", ");
  const sql = (index: number): string =>
    `select max(hash(${values})) from ${view} where file_index = ${index}`;
  return nameDamagedBy(db, () => files.map(({ path }, index) => ({ path, sql: sql(index) })), read);
}
