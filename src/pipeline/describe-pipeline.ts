import type { Database } from "../tables/database.ts";
import { sourceOf } from "../dataset/sources/registry.ts";
import type { SourceReport } from "../dataset/sources/source-report.ts";
import type { PipelineSettings } from "./settings.ts";
import { withTemporaryDatabase } from "./temporary-database.ts";
import { faultsOfData, faultsOfSplits } from "./plan/unusable-settings.ts";

/** Looks through the source of a pipeline; leaves nothing behind. */
export function describePipeline(
  settings: PipelineSettings,
  signal: AbortSignal,
): Promise<SourceReport> {
  return withTemporaryDatabase(
    "describe",
    settings,
    async (db, tempDir) => {
      const { dataset } = settings;
      const report = await sourceOf(dataset).describe(db, dataset, { tempDir, signal });
      await db.run("create or replace view items as select * from source_items");
      await db.run("create or replace view users as select * from source_users");
      const splits = await splitStops(db, settings, report);
      return {
        ...report,
        stops: [...report.stops, ...splits, ...(await faultsOfData(db, settings))],
      };
    },
    signal,
  );
}

/** What a run would stop for once it splits the interactions. */
async function splitStops(
  db: Database,
  settings: PipelineSettings,
  { kept: { positiveShare } }: SourceReport,
): Promise<readonly string[]> {
  const { positiveAbove } = settings.dataset;
  await db.run(
    `create or replace view interactions as select *, cast(rating > ${positiveAbove}::double as tinyint) as label from source_interactions`,
  );
  const faults = await faultsOfSplits(db, settings, (user) => sourceIdOf(db, user));
  // Labels that are all equal are told of all interactions.
  const isOneClass = positiveShare === 0 || positiveShare === 1;
  return faults.filter((fault) => !isOneClass || !fault.includes("so AUC is undefined"));
}

/** The id of a user as the source writes it. */
async function sourceIdOf(db: Database, user: number): Promise<string> {
  const dictionary = await db.rows(
    "select 1 from duckdb_tables() where table_name = 'user_dictionary'",
  );
  if (dictionary.length === 0) return String(user);
  const [row] = await db.rows("select source_id from user_dictionary where user_id = $user", {
    user,
  });
  const name = row?.["source_id"];
  return typeof name === "string" ? name : String(user);
}
