import { z } from "zod";
import { FlowError } from "../errors.ts";
import type { RunTask } from "../flow/task.ts";
import { openDatabase, type Database, type SqlParams } from "../tables/database.ts";
import { mountFiles, mountTables } from "../tables/mount-tables.ts";
import { sqlFile } from "../tables/sql-file.ts";
import { writeQuery } from "../tables/write-query.ts";
import { audits, runAudits } from "./run-audits.ts";
import { protocolSetting, samplesSettings, type Protocol } from "./settings.ts";

const samplesConfig = z.object({
  protocol: protocolSetting,
  samples: samplesSettings,
  contextRows: z.int(),
  shortUsers: z.enum(["error", "drop"]),
});
type SamplesConfig = z.infer<typeof samplesConfig>;

/**
 * Splits the interactions by the run's protocol: writes `timeline` (every event's place and role), `samples` (the CTR rows with
 * their histories) and the audits of both.
 */
export const makeSamples: RunTask = async (task, context) => {
  const config = samplesConfig.parse(task.config);
  const { protocol, samples } = config;
  const db = await openDatabase(context);
  try {
    await mountTables(db, task.inputs, context.runDir);
    await refuseShortUsers(db, config);
    context.progress({ rowsDone: 0, unit: "rows", detail: { doing: "timeline" } });
    await db.run(
      `create table timeline as ${sqlFile(`timeline/${protocol}`)}`,
      timelineParams(config),
    );
    context.signal.throwIfAborted();
    const timeline = await writeQuery(db, "timeline", "select * from timeline", {}, context);
    context.progress({ rowsDone: timeline.rows, unit: "rows", detail: { doing: "histories" } });
    const { history } = samples;
    const written = await writeQuery(
      db,
      "samples",
      sqlFile("samples/samples"),
      { history },
      context,
    );
    context.progress({ rowsDone: written.rows, unit: "rows", detail: { doing: "audits" } });
    await mountFiles(db, "samples", [written.path]);
    await refuseEmptySplits(db, protocol);
    return [timeline, written, await runAudits(db, audits.samples, protocol, context)];
  } finally {
    db.close();
  }
};

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
