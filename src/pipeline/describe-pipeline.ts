import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sourceOf } from "../dataset/sources/registry.ts";
import type { SourceReport } from "../dataset/sources/source-report.ts";
import { openDatabase } from "../tables/database.ts";
import { runtimeOf, type PipelineSettings } from "./settings.ts";

/** Looks through the source of a pipeline; leaves nothing behind. */
export async function describePipeline(
  settings: PipelineSettings,
  signal: AbortSignal,
): Promise<SourceReport> {
  const tempDir = await mkdtemp(join(tmpdir(), "r4ec-describe-"));
  const db = await openDatabase({ ...runtimeOf(settings), tempDir, signal });
  try {
    return await sourceOf(settings.dataset).describe(db, settings.dataset, { tempDir, signal });
  } finally {
    db.close();
    await rm(tempDir, { recursive: true, force: true });
  }
}
