import { Readable } from "node:stream";
import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import { bucketOf, bucketsOf, type Catalog } from "../../flow/stage.ts";
import type { RunTask } from "../../flow/task.ts";
import { batchFromRows } from "../../tables/batch-from-rows.ts";
import { type Database, type Row, withDatabase } from "../../tables/database.ts";
import { mountTables } from "../../tables/mount-tables.ts";
import { sourceNames } from "../../tables/source-ids/source-names.ts";
import { sqlAbout, sqlFile } from "../../tables/sql-file.ts";
import { writeBatches } from "../../tables/write-batches.ts";
import { auditNames, audits, type AuditName } from "./audits.ts";
import { expectSettings, refuseOtherCounts } from "./expected-counts.ts";
import { refuseEmptySplits, splitRuntime } from "./refuse-empty-splits.ts";
import { protocolSetting } from "../settings.ts";
import { subjects, type Protocol } from "../../base/terms.ts";

const auditConfig = z.object({
  protocol: protocolSetting,
  audits: z.array(z.enum(auditNames)),
  expect: expectSettings.optional(),
});

/**
 * Runs leak audits over the tables of a run and writes their results to `audits`. For samples in buckets of users, which no earlier
 * task sees whole, it also checks that no split is empty, and where counts are expected, that the data have them.
 *
 * @throws `AUDIT_FAILED` with the first offending rows when an audit returns any, which stops the run; `INPUT_INVALID` for splits that
 * cannot be trained or measured on, and for other counts than those expected
 */
export const auditTables: RunTask = async (task, context) => {
  const config = auditConfig.parse(task.config);
  return withDatabase(context, async (db) => {
    const rows = [];
    await mountTables(db, task.inputs, context.runDir);
    if (config.expect !== undefined) await refuseOtherCounts(db, config.expect);
    if (bucketsOf(task.inputs).length > 0 && config.audits.includes("splits_in_time_order")) {
      await refuseEmptySplits(db, config.protocol, splitRuntime.parse(task.runtime ?? {}));
    }
    for (const name of config.audits) {
      for (const inputs of piecesOf(name, task.inputs)) {
        await mountTables(db, inputs, context.runDir);
        await refuseViolations(db, name, config.protocol, context.runDir);
      }
      await mountTables(db, task.inputs, context.runDir);
      rows.push(await auditRow(db, name));
      context.progress({ rowsDone: rows.length, rowsTotal: config.audits.length, unit: "audits" });
    }
    const batches = Readable.from([batchFromRows("audits", rows)]);
    return [await writeBatches(db, "audits", batches, context)];
  });
};

/** The tables in one piece, or one piece per bucket of users where the audit allows it. */
function piecesOf(name: AuditName, tables: Catalog): readonly Catalog[] {
  const buckets = audits[name].isWithinUser ? bucketsOf(tables) : [];
  return buckets.length === 0 ? [tables] : buckets.map((bucket) => bucketOf(tables, bucket));
}

async function refuseViolations(
  db: Database,
  name: AuditName,
  protocol: Protocol,
  runDir: string,
): Promise<void> {
  const sql = sqlFile(`audits/${name}`);
  const params = sql.includes("$protocol") ? { protocol } : undefined;
  const offending = await db.rows(`select * from (\n${sql}\n) limit 3`, params);
  if (offending.length > 0) {
    const named = await nameSubjects(db, offending, runDir);
    const shown = named.map((row) => `  ${JSON.stringify(row)}`).join("\n");
    throw new FlowError(
      "AUDIT_FAILED",
      `leak audit ${name} (${protocol}): ${sqlAbout(sql)} These rows break it:\n${shown}`,
    );
  }
}

/** The rows with the source's ids of users and items. */
async function nameSubjects(
  db: Database,
  rows: readonly Row[],
  runDir: string,
): Promise<readonly Row[]> {
  const names = await sourceNames(db, runDir);
  return Promise.all(
    rows.map(async (row) => {
      const named = { ...row };
      for (const subject of subjects) {
        const id = row[`${subject}_id`];
        if (typeof id !== "number") continue;
        const name = (await names[subject]([id]))(id);
        if (name !== String(id)) named[`${subject}_id`] = name;
      }
      return named;
    }),
  );
}

/** The result row of an audit that passed. */
async function auditRow(db: Database, name: AuditName): Promise<Row> {
  const [checked] = await db.rows(`select count(*) as n from ${audits[name].table}`);
  const about = sqlAbout(sqlFile(`audits/${name}`));
  return { audit: name, about, rows_checked: checked?.["n"], violations: 0 };
}
