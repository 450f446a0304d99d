import { isLong } from "../../models/layers/embedding/long-attributes.ts";
import type { Database } from "../../tables/database.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { attributeLimit, type TrainTaskSettings } from "../settings.ts";

/** How many values of an attribute items have; of each item, only as many count as the settings allow. */
export interface AttributeSizes {
  /** Of the item that has the most. */
  readonly most: number;
  /** Distinct values, at least. */
  readonly distinct: number;
  /** The mean over the rows of the samples. */
  readonly perRow: number;
}

/** Values of long attributes that an item has: the mean over the rows of the samples. */
export function listedPerRow(sizes: readonly AttributeSizes[]): number {
  return sizes.filter(({ most }) => isLong(most)).reduce((sum, { perRow }) => sum + perRow, 0);
}

/** Counts the values of each attribute in the views `items` and `samples`. */
export async function loadAttributeSizes(
  db: Database,
  settings: Pick<TrainTaskSettings, "attributes" | "attributeValues" | "maxAttributeValues">,
): Promise<readonly AttributeSizes[]> {
  const limit = attributeLimit(settings);
  const sizes: AttributeSizes[] = [];
  for (const name of settings.attributes) {
    const [row] = await db.rows(sqlFile("train/attribute_sizes"), { name, limit });
    sizes.push({
      most: Number(row?.["most"] ?? 0),
      distinct: Number(row?.["distinct_values"] ?? 0),
      perRow: Number(row?.["per_row"] ?? 0),
    });
  }
  return sizes;
}
