import type { Database } from "../../../tables/database.ts";
import { describeFiles, type FilesReport } from "../files/describe-files.ts";
import { loadFiles } from "../files/load-files.ts";
import type { SourceRows, SourceSite } from "../source.ts";
import { amazonFiles } from "./amazon-files.ts";
import { cleanBrand, cleanText } from "./clean-text.ts";
import type { AmazonSettings } from "./settings.ts";

/** Titles as text; the brand; the second category, because the first is that of the whole file. */
const forms = {
  cleaned: cleanText,
  attributes: [
    { name: "brand", cleaned: cleanBrand },
    { name: "category", cleaned: cleanText, place: 2 },
  ],
} as const;

/**
 * Loads Amazon reviews with titles as text, the attribute `brand` (a book's author) and the attribute `category`: the first category
 * below that of the whole file.
 */
export async function loadAmazon(
  db: Database,
  settings: AmazonSettings,
  site: SourceSite,
): Promise<SourceRows> {
  return loadFiles(db, await amazonFiles(settings), site, forms);
}

/** Describes what {@link loadAmazon} would load. */
export async function describeAmazon(
  db: Database,
  settings: AmazonSettings,
  site: SourceSite,
): Promise<FilesReport> {
  return describeFiles(db, await amazonFiles(settings), site, forms);
}
