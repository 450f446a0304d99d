import type { Database } from "../../tables/database.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { amazonFiles } from "./amazon/amazon-files.ts";
import { foundColumns, type FoundColumn } from "./files/found-columns.ts";
import { filesOf } from "./files/fingerprint-files.ts";
import type { FilesSettings } from "./files/settings.ts";
import { loaderOf } from "./loader-of.ts";
import type { DatasetSettings } from "../settings.ts";
import type { MappedColumn, SourceSite } from "./source.ts";

/** What a source holds and what would become of it. */
export interface SourceReport {
  readonly source: string;
  /** None of sources that are not files of the user's own. */
  readonly files: readonly DescribedFiles[];
  /** What the columns of the interactions are taken for, and in how many rows each is empty. */
  readonly columns: readonly (MappedColumn & { readonly missing: number })[];
  /** From rows read to rows kept. */
  readonly counts: readonly {
    readonly step: string;
    readonly reason: string;
    readonly rows: number;
  }[];
  readonly rejects: readonly RejectReason[];
  /** What a run with these settings would stop for, in words. */
  readonly stops: readonly string[];
  readonly kept: {
    readonly rows: number;
    readonly users: number;
    readonly items: number;
    /** Share of label 1. */
    readonly positiveShare: number;
    /** Rows that tell an event again. */
    readonly repeated: number;
    /** Where rows have a weight. */
    readonly weights?: WeightRange;
    readonly firstAt: string;
    readonly lastAt: string;
  };
}

/** What the weights of rows amount to. */
export interface WeightRange {
  readonly least: number;
  readonly most: number;
  readonly mean: number;
  /** Rows of weight 0, which do not count in training. */
  readonly zeros: number;
}

export interface DescribedFiles {
  readonly holds: "interactions" | "items" | "users";
  readonly paths: readonly string[];
  /** Null where some are URLs. */
  readonly bytes: number | null;
  /** Of the first file. */
  readonly columns: readonly FoundColumn[];
}

export interface RejectReason {
  readonly source: string;
  readonly reason: string;
  readonly rows: number;
  readonly first: { readonly file: string; readonly line: number; readonly content: string };
}

/**
 * Reads a source as a run would, except that bad rows and items without metadata are counted rather than stopped at. Nothing is written
 * but to `site.tempDir`.
 *
 * @throws what reading the source throws for what no setting lets pass
 */
export async function describeSource(
  db: Database,
  dataset: DatasetSettings,
  site: SourceSite,
): Promise<SourceReport> {
  const source = await (await loaderOf(lenient(dataset)))(db, site);
  const weights = source.mapping?.some(({ role }) => role === "weight")
    ? await weightRange(db)
    : undefined;
  const kept = {
    ...(await keptFacts(db, dataset.positiveAbove)),
    ...(weights && { weights }),
  };
  if (dataset.source === "quickstart" || dataset.source === "movielens") {
    return {
      source: dataset.source,
      files: [],
      columns: [],
      counts: [],
      rejects: [],
      stops: [],
      kept,
    };
  }
  const settings = dataset.source === "amazon" ? await amazonFiles(dataset) : dataset;
  const [counts, rejects] = [await ledger(db), await rejectReasons(db)];
  return {
    source: dataset.source,
    files: await describeFiles(db, settings),
    columns: await describeColumns(db, source.mapping ?? []),
    counts,
    rejects,
    stops: await stopsOf(db, settings, { counts, rejects, repeated: kept.repeated }),
    kept,
  };
}

/** Settings that stop at as little as possible. */
function lenient(dataset: DatasetSettings): DatasetSettings {
  if (dataset.source === "quickstart" || dataset.source === "movielens") return dataset;
  const policy = { onBadRow: "skip", maxBadRows: undefined, maxBadShare: 1 } as const;
  if (dataset.source === "amazon") {
    return { ...dataset, ...policy, missing: dataset.missing === "drop" ? "drop" : "keep" };
  }
  const { items } = dataset;
  return {
    ...dataset,
    ...policy,
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
    stops.push(`${repeated.toLocaleString("en")} events told again (dataset.duplicates)`);
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

async function describeFiles(
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
  return mapping.map((column, place) => ({ ...column, missing: Number(missing?.[`c${place}`]) }));
}

async function ledger(db: Database): Promise<SourceReport["counts"]> {
  const rows = await db.rows("select step, reason, rows from source_counts order by place");
  return rows.map(({ step, reason, rows: count }) => ({
    step: String(step),
    reason: String(reason),
    rows: Number(count),
  }));
}

async function rejectReasons(db: Database): Promise<readonly RejectReason[]> {
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

async function weightRange(db: Database): Promise<WeightRange> {
  const [range] = await db.rows(sqlFile("source/weight_range"));
  const figure = (name: string): number => Number(range?.[name]);
  return {
    least: figure("least"),
    most: figure("most"),
    mean: figure("mean"),
    zeros: figure("zeros"),
  };
}

async function keptFacts(db: Database, positiveAbove: number): Promise<SourceReport["kept"]> {
  const [facts] = await db.rows(sqlFile("source/kept_facts"), { positive_above: positiveAbove });
  const count = (name: string): number => Number(facts?.[name]);
  const instant = (name: string): string => {
    const at = facts?.[name];
    return at instanceof Date ? at.toISOString() : "";
  };
  return {
    ...{ rows: count("rows"), users: count("users"), items: count("items") },
    positiveShare: count("positives") / count("rows"),
    repeated: count("repeated"),
    ...{ firstAt: instant("first_at"), lastAt: instant("last_at") },
  };
}
