import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { loadFiles } from "../../src/dataset/sources/files/load-files.ts";
import { datasetSettings } from "../../src/dataset/settings.ts";
import type { SourceRows } from "../../src/dataset/sources/source.ts";
import type { Row } from "../../src/tables/database.ts";
import type { MemoryDatabase } from "./memory-database.ts";

/** Loads files as `dataset:` of a pipeline file says, on the first of January 2024. */
export async function loadSource(
  { db, dir }: MemoryDatabase,
  settings: Readonly<Record<string, unknown>>,
): Promise<SourceRows> {
  const parsed = datasetSettings.parse(settings);
  if (!("interactions" in parsed)) throw new Error(`${parsed.source} is no source of files`);
  const tempDir = join(dir, "staged");
  await mkdir(tempDir, { recursive: true });
  const site = { tempDir, signal: AbortSignal.timeout(600_000) };
  return loadFiles(db, parsed, site, { now: () => Date.UTC(2024, 0, 1) });
}

/** The interactions that were loaded as `[user, item, rating, time]`, in file order. */
export async function loadedEvents({
  db,
}: MemoryDatabase): Promise<readonly (readonly unknown[])[]> {
  const rows = await db.rows("select * from source_interactions order by file_row");
  return rows.map(({ user_id, item_id, rating, ts }) => [
    ...[user_id, item_id, rating],
    ts instanceof Date ? ts.toISOString() : ts,
  ]);
}

/** What became of the rows, `[step, reason, rows]` in order. Throws when they do not add up. */
export async function loadedCounts({
  db,
}: MemoryDatabase): Promise<readonly (readonly unknown[])[]> {
  const lines = await db.rows("select * from source_counts order by place");
  const rowsOf = (line: Row | undefined): number => Number(line?.["rows"]);
  const sum = lines.slice(1).reduce((total, line) => total + rowsOf(line), 0);
  if (sum !== rowsOf(lines[0]))
    throw new Error(`${rowsOf(lines[0])} rows read, ${sum} accounted for`);
  return lines.map(({ step, reason, rows }) => [step, reason, rows]);
}

/** The rows left out, `[line, reason, content]` in the order of the lines. */
export async function loadedRejects(
  { db }: MemoryDatabase,
  source = "interactions",
): Promise<readonly (readonly unknown[])[]> {
  const rows = await db.rows(
    "select * from source_rejects where source = $source order by file, line",
    { source },
  );
  return rows.map(({ line, reason, content }) => [line, reason, content]);
}
