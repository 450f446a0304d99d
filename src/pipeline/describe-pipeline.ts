import { sourceOf } from "../dataset/sources/registry.ts";
import type { SourceReport } from "../dataset/sources/source-report.ts";
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
    (db, tempDir) => sourceOf(settings.dataset).describe(db, settings.dataset, { tempDir, signal }),
    signal,
  );
}
