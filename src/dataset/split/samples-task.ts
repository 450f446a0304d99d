import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import type { RunTask, TaskContext, WrittenFile } from "../../flow/task.ts";
import { limitConcurrency } from "../../base/limit-concurrency.ts";
import { type Database, type Row, withDatabase } from "../../tables/database.ts";
import { mountFiles, mountTables } from "../../tables/mount-tables.ts";
import { sourceNames } from "../../tables/source-ids/source-names.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { writeQuery } from "../../tables/write-query.ts";
import { defineHistoryMacros } from "./history-macros.ts";
import { refuseEmptySplits, splitRuntime } from "../audits/refuse-empty-splits.ts";
import { protocolSetting, samplesSettings } from "../settings.ts";
import { shortUsersFault } from "./short-users.ts";

const samplesConfig = z.object({
  protocol: protocolSetting,
  samples: samplesSettings,
  contextRows: z.int(),
  shortUsers: z.enum(["error", "drop"]),
});
type SamplesConfig = z.infer<typeof samplesConfig>;

/** The bucket of users whose interactions are given; all users without one. */
const samplesParams = z.object({ bucket: z.int().optional() });

/** Events per part of `samples`: few enough to write parts in parallel, enough for full row groups. */
const partRows = { whole: 250_000, bucket: 1_000_000 };

/** Most memory that writing a part takes, MiB. */
const partMb = 128;

/**
 * Splits interactions by the run's protocol: writes `timeline` (every event's place and role) and `samples` (the CTR rows with their
 * histories, in parts by user). Keeps the timeline of its users, all or one bucket, in the database.
 */
export const makeSamples: RunTask = async (task, context) => {
  const config = samplesConfig.parse(task.config);
  const { bucket } = samplesParams.parse(task.params);
  return withDatabase(context, async (db) => {
    await defineHistoryMacros(db, { protocol: config.protocol, history: config.samples.history });
    await mountTables(db, task.inputs, context.runDir);
    await refuseShortUsers(db, config, context.runDir);
    context.progress({ rowsDone: 0, unit: "rows", detail: { doing: "timeline" } });
    const timeline = `${sqlFile(`timeline/${config.protocol}`)}\norder by user_id, rn`;
    await db.run(`create table timeline as ${timeline}`, { context_rows: config.contextRows });
    context.progress({ rowsDone: 0, unit: "rows", detail: { doing: "histories" } });
    const part_rows = bucket === undefined ? partRows.whole : partRows.bucket;
    const ranges = await db.rows(sqlFile("samples/user_ranges"), { part_rows });
    const written = await limitConcurrency(
      Math.min(2 * context.threads + 1, Math.floor(context.memoryMb / partMb)),
      [
        () => writeQuery(db, "timeline", "select * from timeline", {}, context, { isSorted: true }),
        ...ranges.map((range) => () => writeSamples(db, range, config, context)),
      ],
    );
    const parts = written.filter((file) => file.table === "samples");
    if (bucket === undefined) {
      const paths = parts.map((part) => part.path);
      await mountFiles(db, "samples", paths);
      await refuseEmptySplits(db, config.protocol, splitRuntime.parse(task.runtime ?? {}));
    }
    const rowsDone = parts.reduce((sum, part) => sum + part.rows, 0);
    context.progress({ rowsDone, rowsTotal: rowsDone, unit: "rows" });
    return written.map((file) => ({ ...file, ...(bucket !== undefined && { bucket }) }));
  });
};

/** Writes the part of `samples` for a range of users. */
function writeSamples(
  db: Database,
  range: Row,
  { samples: { history } }: SamplesConfig,
  context: TaskContext,
): Promise<WrittenFile> {
  const params = {
    history,
    first_user: Number(range["first_user"]),
    last_user: Number(range["last_user"]),
  };
  return writeQuery(db, "samples", sqlFile("samples/samples"), params, context, { isSorted: true });
}

async function refuseShortUsers(
  db: Database,
  { protocol, contextRows, shortUsers }: SamplesConfig,
  runDir: string,
): Promise<void> {
  if (shortUsers === "drop") return;
  const nameOf = async (id: number): Promise<string> =>
    (await (await sourceNames(db, runDir)).user([id]))(id);
  const fault = await shortUsersFault(db, { protocol, contextRows, nameOf });
  if (fault !== undefined) throw new FlowError("INPUT_INVALID", fault);
}
