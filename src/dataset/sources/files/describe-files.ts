import type { Database } from "../../../tables/database.ts";
import { sqlFile } from "../../../tables/sql-file.ts";
import { oneClassFault } from "../../label-cure.ts";
import { keptFacts, weightRange } from "../describe-kept.ts";
import type { SourceSite } from "../source.ts";
import type { DescribedFiles, MappedColumn, RejectReason, SourceReport } from "../source-report.ts";
import { unknownEvents } from "./checks/event-types.ts";
import { filesOf } from "./fingerprint-files.ts";
import { foundColumns } from "./found-columns.ts";
import { loadFiles, type LoadFilesOptions } from "./load-files.ts";
import type { FilesSettings } from "./settings.ts";

/** A report without the name of the source. */
export type FilesReport = Omit<SourceReport, "source">;

/**
 * Reads files as {@link loadFiles} does, but counts bad rows and items without metadata instead of stopping at them. Writes only to
 * `site.tempDir`.
 *
 * @throws what `loadFiles` throws for data that no setting allows
 */
export async function describeFiles(
  db: Database,
  settings: FilesSettings,
  site: SourceSite,
  options: LoadFilesOptions = {},
): Promise<FilesReport> {
  const { mapping = [] } = await loadFiles(db, lenient(settings), site, {
    ...options,
    allowsUnknownEvents: true,
  });
  const weights = mapping.some(({ role }) => role === "weight") ? await weightRange(db) : undefined;
  const kept = {
    ...(await keptFacts(db, settings.positiveAbove)),
    ...(weights && { weights }),
  };
  const unknown = await unknownEvents(db, settings, (await filesOf(settings)).interactions);
  const [counts, rejects] = [await ledgerOf(db), await rejectReasons(db)];
  return {
    files: await describeAll(db, settings),
    columns: await describeColumns(db, mapping),
    counts,
    rejects,
    stops: [
      ...(await stopsOf(db, settings, { counts, rejects, repeated: kept.repeated })),
      ...(unknown === null ? [] : [unknown]),
      ...oneClassFault(kept, settings),
    ],
    kept,
  };
}

/** Settings that stop for as little as possible. */
function lenient(settings: FilesSettings): FilesSettings {
  const { items } = settings;
  return {
    ...settings,
    ...{ onBadRow: "skip", maxBadRows: undefined, maxBadShare: 1 },
    ...(items && { items: { ...items, missing: items.missing === "drop" ? "drop" : "keep" } }),
  };
}

/** What a run would stop for, in words. */
async function stopsOf(
  db: Database,
  { onBadRow, maxBadRows, maxBadShare, duplicates, items }: FilesSettings,
  { counts, rejects, repeated }: Pick<SourceReport, "counts" | "rejects"> & { repeated: number },
): Promise<readonly string[]> {
  const isBad = ({ source, reason }: RejectReason): boolean =>
    source !== "interactions" ||
    counts.some((line) => line.step === "bad row" && line.reason === reason);
  const badRows = rejects.filter(isBad).reduce((sum, { rows }) => sum + rows, 0);
  const most = Math.min(maxBadRows ?? badRows, Math.floor(maxBadShare * (counts[0]?.rows ?? 0)));
  const stops: string[] = [];
  if (badRows > (onBadRow === "stop" ? 0 : most)) {
    stops.push(`${badRows.toLocaleString("en")} bad rows (dataset.onBadRow, dataset.maxBadShare)`);
  }
  if (repeated > 0 && duplicates === "error") {
    stops.push(`${repeated.toLocaleString("en")} repeated events (dataset.duplicates)`);
  }
  if (items?.missing === "error") {
    const [missing] = await db.rows(
      "select count(*) as items from source_items anti join catalogue using (item_id)",
    );
    const without = Number(missing?.["items"]);
    if (without > 0) {
      stops.push(`${without.toLocaleString("en")} items without metadata (dataset.items.missing)`);
    }
  }
  return stops;
}

async function describeAll(
  db: Database,
  settings: FilesSettings,
): Promise<readonly DescribedFiles[]> {
  const files = await filesOf(settings);
  const described: DescribedFiles[] = [];
  for (const holds of ["interactions", "items", "users"] as const) {
    const [first, ...others] = files[holds];
    if (first === undefined) continue;
    const sizes = [first, ...others].map(({ bytes }) => bytes);
    described.push({
      holds,
      paths: [first, ...others].map(({ path }) => path),
      bytes: sizes.reduce((sum, bytes) => (sum === null || bytes === null ? null : sum + bytes), 0),
      columns: await foundColumns(db, first, settings.csv),
    });
  }
  return described;
}

async function describeColumns(
  db: Database,
  mapping: readonly MappedColumn[],
): Promise<SourceReport["columns"]> {
  const [missing] = await db.rows(sqlFile("source/missing_values"));
  return mapping.map((column, place) => ({
    ...column,
    missing: Number(missing?.[`c${place}`] ?? 0),
  }));
}

/** The rows of `source_counts`. */
export async function ledgerOf(db: Database): Promise<SourceReport["counts"]> {
  const rows = await db.rows("select step, reason, rows from source_counts order by place");
  return rows.map(({ step, reason, rows: count }) => ({
    step: String(step),
    reason: String(reason),
    rows: Number(count),
  }));
}

/** The rows of `source_rejects`, by reason. */
export async function rejectReasons(db: Database): Promise<readonly RejectReason[]> {
  const rows = await db.rows(sqlFile("source/reject_reasons"));
  return rows.map((row) => ({
    source: String(row["source"]),
    reason: String(row["reason"]),
    rows: Number(row["rows"]),
    first: {
      file: String(row["first_file"]),
      line: Number(row["first_line"]),
      content: String(row["first_content"]),
    },
  }));
}
