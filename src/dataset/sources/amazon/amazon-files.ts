import { standardQuoting } from "../files/text/split-record.ts";
import { findFiles } from "../files/find-files.ts";
import type { FilesSettings, ItemFile } from "../files/settings.ts";
import type { MetadataForms } from "../files/source-of-files.ts";
import { cleanBrand, cleanText } from "./clean-text.ts";
import { editionOf, metadataColumns } from "./edition.ts";
import type { AmazonSettings } from "./settings.ts";

/** Amazon reviews as a files source reads them. */
export interface AmazonFiles {
  readonly files: FilesSettings;
  readonly forms: MetadataForms;
}

/**
 * Settings of a files source that reads Amazon reviews. The edition is detected by the first lines: 2014 and 2018 come as JSON lines, 2023
 * as JSON lines or CSV.
 *
 * @throws `INPUT_INVALID` for files of no known edition
 */
export async function amazonFiles(settings: AmazonSettings): Promise<AmazonFiles> {
  const { reviews, metadata, missing, ...rest } = settings;
  const [file] = await findFiles(reviews, { setting: "dataset.reviews" });
  if (file === undefined) throw new Error("internal: no file found");
  const { columns, id } = await editionOf(file);
  const items = metadata === undefined ? undefined : await itemsOf({ path: metadata, id, missing });
  return {
    files: {
      ...rest,
      source: file.format,
      interactions: reviews,
      columns: { ...columns, positiveEvents: [] },
      ids: "dictionary",
      csv: { delimiter: ",", header: true, encoding: "utf-8", ...standardQuoting },
      ...(items && { items: items.file }),
    },
    forms: { cleaned: cleanText, ...(items && { attributes: items.attributes }) },
  };
}

/** Titles as text; the brand; the second category, because the first is that of the whole file. */
async function itemsOf(
  given: Pick<ItemFile, "path" | "id" | "missing">,
): Promise<{ file: ItemFile; attributes: NonNullable<MetadataForms["attributes"]> }> {
  const [first] = await findFiles(given.path, { setting: "dataset.metadata" });
  if (first === undefined) throw new Error("internal: no file found");
  const { brand, category } = await metadataColumns(first);
  return {
    file: {
      ...given,
      ...{ title: "title", text: [] },
      attributes: [...(brand === undefined ? [] : [brand]), category],
    },
    attributes: [
      ...(brand === undefined ? [] : [{ name: "brand", cleaned: cleanBrand }]),
      { name: "category", cleaned: cleanText, place: 2 },
    ],
  };
}
