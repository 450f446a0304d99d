import { describeSource, type SourceReport } from "../dataset/sources/describe-source.ts";
import type { PipelineSettings } from "./settings.ts";
import { withTemporaryDatabase } from "./temporary-database.ts";

/** Looks through the source of a pipeline; leaves nothing behind. */
export function describePipeline(
  settings: PipelineSettings,
  signal: AbortSignal,
): Promise<SourceReport> {
  return withTemporaryDatabase(
    "describe",
    settings,
    (db, tempDir) => describeSource(db, settings.dataset, { tempDir, signal }),
    signal,
  );
}
