import { sourceOf } from "../dataset/sources/registry.ts";
import type { SourceReport } from "../dataset/sources/source-report.ts";
import type { PipelineSettings } from "./settings.ts";
import { withTemporaryDatabase } from "./temporary-database.ts";
import { faultsOfData } from "./unusable-settings.ts";

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
      return { ...report, stops: [...report.stops, ...(await faultsOfData(db, settings))] };
    },
    signal,
  );
}
