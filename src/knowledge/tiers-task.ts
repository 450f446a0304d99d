import { z } from "zod";
import type { RunTask } from "../flow/task.ts";
import { mountTables } from "../tables/mount-tables.ts";
import { sqlFile } from "../tables/sql-file.ts";
import { writeQuery } from "../tables/write-query.ts";
import { withDatabase } from "../tables/database.ts";
import { knowledgeSettings } from "./settings.ts";

const tiersConfig = z.object({ tiers: knowledgeSettings.shape.tiers.unwrap() });

/** Divides users into active and less active ones. Config `{ tiers }`; reads `timeline` and `user_contexts`, writes `user_tiers`. */
export const makeTiers: RunTask = async (task, context) => {
  const { activeFrom, activeShare } = tiersConfig.parse(task.config).tiers;
  return withDatabase(context, async (db) => {
    await mountTables(db, task.inputs, context.runDir);
    const params = { active_from: activeFrom ?? null, active_share: activeShare ?? null };
    const query = sqlFile("knowledge/user_tiers");
    const written = await writeQuery(db, "user_tiers", query, params, context);
    context.progress({ rowsDone: written.rows, rowsTotal: written.rows, unit: "users" });
    return [written];
  });
};
