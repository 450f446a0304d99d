import { z } from "zod";
import { FlowError } from "../errors.ts";
import type { RunTask, TaskContext, WrittenFile } from "../flow/task.ts";
import { allEnded } from "../tables/all-ended.ts";
import { openDatabase, type Database, type Row, type SqlParams } from "../tables/database.ts";
import { mountFiles, mountTables } from "../tables/mount-tables.ts";
import { sqlFile } from "../tables/sql-file.ts";
import { writeQuery } from "../tables/write-query.ts";
import { defineLags } from "./lag-macro.ts";
import { protocolSetting, samplesSettings, type Protocol } from "./settings.ts";

const samplesConfig = z.object({
  protocol: protocolSetting,
  samples: samplesSettings,
  contextRows: z.int(),
  shortUsers: z.enum(["error", "drop"]),
});
type SamplesConfig = z.infer<typeof samplesConfig>;

/** Events a part of `samples` is cut from: small enough to be written side by side, large enough for whole row groups. */
const partRows = 250_000;

/**
 * Splits the interactions by the run's protocol: writes `timeline` (every event's place and role), `samples` (the CTR rows with
 * their histories, in parts by user).
 */
export const makeSamples: RunTask = async (task, context) => {
  const config = samplesConfig.parse(task.config);
  const db = await openDatabase(context);
  try {
    await defineLags(db, config.samples.history);
    await mountTables(db, task.inputs, context.runDir);
    await refuseShortUsers(db, config);
    context.progress({ rowsDone: 0, unit: "rows", detail: { doing: "timeline" } });
    const timeline = `${sqlFile(`timeline/${config.protocol}`)}\norder by user_id, rn`;
    await db.run(`create table timeline as ${timeline}`, timelineParams(config));
    context.signal.throwIfAborted();
    context.progress({ rowsDone: 0, unit: "rows", detail: { doing: "histories" } });
    const ranges = await db.rows(sqlFile("samples/user_ranges"), { part_rows: partRows });
    const written = await allEnded([
      writeQuery(db, "timeline", "select * from timeline", {}, context, { isSorted: true }),
      ...ranges.map((range) => writeSamples(db, range, config, context)),
    ]);
    const parts = written.filter((file) => file.table === "samples");
    await mountFiles(
      db,
      "samples",
      parts.map((part) => part.path),
    );
    await refuseEmptySplits(db, config.protocol);
    const rowsDone = parts.reduce((sum, part) => sum + part.rows, 0);
    context.progress({ rowsDone, rowsTotal: rowsDone, unit: "rows" });
    return written;
  } finally {
    db.close();
  }
};

/** Writes the part of `samples` that holds a range of users. */
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

function timelineParams({ protocol, samples, contextRows }: SamplesConfig): SqlParams {
  const context_rows = contextRows;
  const test_share = samples.testShare;
  switch (protocol) {
    case "reference":
      return { context_rows };
    case "paper":
      return { context_rows, test_share };
    case "leakfree":
      return { context_rows, test_share, valid_share: samples.validShare };
  }
}

/** Events a user needs to give one CTR row: the context, the row the reference drops, and the row itself. */
function neededEvents({ protocol, contextRows }: SamplesConfig): number {
  return contextRows + (protocol === "reference" ? 2 : 1);
}

async function refuseShortUsers(db: Database, config: SamplesConfig): Promise<void> {
  if (config.shortUsers === "drop") return;
  const needed = neededEvents(config);
  const [first] = await db.rows(sqlFile("timeline/short_users"), { needed });
  if (first === undefined) return;
  throw new FlowError(
    "INPUT_INVALID",
    `${String(first["short_users"])} user(s) have fewer than the ${needed} events protocol ${config.protocol} needs ` +
      `(${config.contextRows} for the context), first user ${String(first["user_id"])} with ${String(first["events"])}. ` +
      "Leave such users out with --set dataset.shortUsers=drop, or shorten the context with --set contexts.history=N.",
  );
}

async function refuseEmptySplits(db: Database, protocol: Protocol): Promise<void> {
  const expected = protocol === "leakfree" ? ["train", "valid", "test"] : ["train", "test"];
  const found = await db.rows(
    "select split, count(*) as n, avg(label) as rate from samples group by split",
  );
  for (const split of expected) {
    const row = found.find((candidate) => candidate["split"] === split);
    if (row === undefined) {
      throw new FlowError(
        "INPUT_INVALID",
        `protocol ${protocol} leaves no ${split} rows: the data are too few or too short in time. ` +
          "Use more data, a smaller contexts.history, or other samples.testShare and samples.validShare.",
      );
    }
    if (row["rate"] === 0 || row["rate"] === 1) {
      throw new FlowError(
        "INPUT_INVALID",
        `all ${String(row["n"])} ${split} rows have label ${String(row["rate"])}, so AUC is undefined; check dataset.positiveAbove`,
      );
    }
  }
}
