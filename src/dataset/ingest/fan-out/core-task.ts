import type { RunTask } from "../../../flow/task.ts";
import { writeQuery } from "../../../tables/write-query.ts";
import { coreRound, keepCore } from "../../sources/files/keep-core.ts";
import { writeTallies } from "./tallies.ts";
import { withSource } from "./with-source.ts";

/** Finds the users and items of the k-core: `ingest_core_users`, `ingest_core_items`. */
export const core: RunTask = (task, context) =>
  withSource(task, context, async (db, { settings: { kCore } }) => {
    if (kCore === undefined) throw new Error("internal: no dataset.kCore");
    await db.run("create or replace view source_events as from ingest_events");
    const rows = (task.inputs["ingest_events"] ?? []).reduce((sum, part) => sum + part.rows, 0);
    const rounds = await keepCore(db, kCore, rows);
    const tallies = rounds.map(
      (count, k) => ({ fact: "k-core", value: coreRound(k), rows: count }) as const,
    );
    return [
      await writeQuery(db, "ingest_core_users", "select * from core_users", {}, context),
      await writeQuery(db, "ingest_core_items", "select * from core_items", {}, context),
      await writeTallies(db, task, tallies, context),
    ];
  });
