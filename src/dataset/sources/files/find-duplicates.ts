import type { Database } from "../../../tables/database.ts";
import { sqlFile } from "../../../tables/sql-file.ts";
import type { FilesSettings } from "./settings.ts";

/** Rows to search for duplicates at a time: about 500 MB. */
const bucketRows = 8_000_000;

/** Reason for leaving out such a row. */
export const repeated = "repeats the event of another row";

/**
 * Finds rows of `source_events` that repeat an event and adds them to the table `dropped`. Works by bucket of users, so that memory does
 * not grow with the rows.
 *
 * @returns Number of rows found
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
