import type { Database } from "../../../tables/database.ts";
import { describeFiles, type FilesReport } from "../files/describe-files.ts";
import { loadFiles } from "../files/load-files.ts";
import type { SourceRows, SourceSite } from "../source.ts";
import { amazonFiles } from "./amazon-files.ts";
import { onOwnSettings, withOwnSettings } from "./own-settings.ts";
import type { AmazonSettings } from "./settings.ts";

/**
 * Loads Amazon reviews with titles as text, the attribute `brand` (a book's author) and the attribute `category`: the first category
 * below that of the whole file.
 */
export async function loadAmazon(
  db: Database,
  settings: AmazonSettings,
  site: SourceSite,
): Promise<SourceRows> {
  const { files, forms } = await amazonFiles(settings);
  return onOwnSettings(() => loadFiles(db, files, site, forms));
}

/** Describes what {@link loadAmazon} would load. */
export async function describeAmazon(
  db: Database,
  settings: AmazonSettings,
  site: SourceSite,
): Promise<FilesReport> {
  const { files, forms } = await amazonFiles(settings);
  const report = await onOwnSettings(() => describeFiles(db, files, site, forms));
  return { ...report, stops: report.stops.map(withOwnSettings) };
}
