import type { Database } from "../../../tables/database.ts";
import { sqlFile } from "../../../tables/sql-file.ts";
import type { FilesSettings } from "./settings.ts";

/** Rows whose repetitions are looked for at a time: some 500 MB. */
const bucketRows = 8_000_000;

/** Why such a row is left out. */
export const repeated = "repeats the event of another row";

/**
 * Finds rows of `source_known` that tell an event again, and adds them to the table `dropped`: users in buckets, so that memory does
 * not grow with the rows.
 *
 * @returns How many there are
 */
export async function findDuplicates(
  db: Database,
  keep: Exclude<FilesSettings["duplicates"], "error">,
  rows: number,
): Promise<number> {
  const buckets = Math.max(1, Math.ceil(rows / bucketRows));
  const statement = sqlFile("source/duplicate_rows");
  for (let bucket = 0; bucket < buckets; bucket++) {
    await db.run(`insert into dropped select file_row, $reason from (\n${statement}\n)`, {
      reason: repeated,
      keep,
      bucket,
      buckets,
    });
  }
  const [found] = await db.rows("select count(*) as rows from dropped where reason = $reason", {
    reason: repeated,
  });
  return Number(found?.["rows"]);
}
