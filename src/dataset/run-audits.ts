import { FlowError } from "../errors.ts";
import type { TaskContext, WrittenFile } from "../flow/task.ts";
import { batchFromRows } from "../tables/batch-from-rows.ts";
import type { Database, SqlParams } from "../tables/database.ts";
import { sqlAbout, sqlFile } from "../tables/sql-file.ts";
import { writeBatches } from "../tables/write-batches.ts";
import type { Protocol } from "./settings.ts";

/** The leak audits by the stage that runs them: name in sql/audits, and the table each of whose rows is judged. */
export const audits = {
  samples: [
    { name: "history_before_row", table: "samples" },
    { name: "splits_in_time_order", table: "samples" },
  ],
  contexts: [
    { name: "user_context_before_samples", table: "samples" },
    { name: "item_context_from_train", table: "item_contexts" },
    { name: "item_context_history_before", table: "item_contexts" },
    { name: "context_labels_not_scored", table: "samples" },
  ],
} as const satisfies Record<string, readonly Audit[]>;

interface Audit {
  readonly name: string;
  readonly table: string;
}

/**
 * Runs leak audits and writes what they found as a part of `audits`.
 *
 * @throws `AUDIT_FAILED`, showing the first offending rows, when one returns rows: a leaking run is never committed
 */
export async function runAudits(
  db: Database,
  list: readonly Audit[],
  protocol: Protocol,
  context: Pick<TaskContext, "outputPath">,
): Promise<WrittenFile> {
  const rows = [];
  for (const { name, table } of list) {
    const sql = sqlFile(`audits/${name}`);
    const params: SqlParams = sql.includes("$protocol") ? { protocol } : {};
    const offending = await db.rows(`select * from (\n${sql}\n) limit 3`, params);
    if (offending.length > 0) {
      const shown = offending.map((row) => `  ${JSON.stringify(row)}`).join("\n");
      throw new FlowError(
        "AUDIT_FAILED",
        `leak audit ${name} (${protocol}): ${sqlAbout(sql)} These rows break it:\n${shown}`,
      );
    }
    const [checked] = await db.rows(`select count(*) as n from ${table}`);
    rows.push({ audit: name, about: sqlAbout(sql), rows_checked: checked?.["n"], violations: 0 });
  }
  return writeBatches(db, "audits", oneBatch(batchFromRows("audits", rows)), context);
}

async function* oneBatch<T>(batch: T): AsyncGenerator<T> {
  yield await Promise.resolve(batch);
}
