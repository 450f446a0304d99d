import { Readable } from "node:stream";
import { z } from "zod";
import { FlowError } from "../errors.ts";
import type { RunTask } from "../flow/task.ts";
import { batchFromRows } from "../tables/batch-from-rows.ts";
import { openDatabase, type Database } from "../tables/database.ts";
import { mountTables } from "../tables/mount-tables.ts";
import { sqlAbout, sqlFile } from "../tables/sql-file.ts";
import { writeBatches } from "../tables/write-batches.ts";
import { auditNames, audits, type AuditName } from "./audits.ts";
import { protocolSetting, type Protocol } from "./settings.ts";

const auditConfig = z.object({ protocol: protocolSetting, audits: z.array(z.enum(auditNames)) });

/**
 * Runs leak audits over the tables of a run and writes what they found as a part of `audits`.
 *
 * @throws `AUDIT_FAILED`, showing the first offending rows, when one returns rows: nothing after it runs then
 */
export const auditTables: RunTask = async (task, context) => {
  const config = auditConfig.parse(task.config);
  const db = await openDatabase(context);
  try {
    await mountTables(db, task.inputs, context.runDir);
    const rows = [];
    for (const name of config.audits) {
      context.signal.throwIfAborted();
      rows.push(await runAudit(db, name, config.protocol));
      context.progress({ rowsDone: rows.length, rowsTotal: config.audits.length, unit: "audits" });
    }
    const batches = Readable.from([batchFromRows("audits", rows)]);
    return [await writeBatches(db, "audits", batches, context)];
  } finally {
    db.close();
  }
};

async function runAudit(db: Database, name: AuditName, protocol: Protocol) {
  const sql = sqlFile(`audits/${name}`);
  const params = sql.includes("$protocol") ? { protocol } : undefined;
  const offending = await db.rows(`select * from (\n${sql}\n) limit 3`, params);
  if (offending.length > 0) {
    const shown = offending.map((row) => `  ${JSON.stringify(row)}`).join("\n");
    throw new FlowError(
      "AUDIT_FAILED",
      `leak audit ${name} (${protocol}): ${sqlAbout(sql)} These rows break it:\n${shown}`,
    );
  }
  const [checked] = await db.rows(`select count(*) as n from ${audits[name].table}`);
  return { audit: name, about: sqlAbout(sql), rows_checked: checked?.["n"], violations: 0 };
}
