import type { Subject } from "../../base/terms.ts";
import { FlowError } from "../../base/errors.ts";
import type { Database } from "../../tables/database.ts";
import { readBatches } from "../../tables/read-batches.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { int32Column } from "../../tables/arrow-columns.ts";

/** One value that a user or an item has of an attribute. */
export interface AttributeValue {
  /** User or item, as in the source. */
  readonly id: number;
  /** Its place among the values this one has, from 1. */
  readonly slot: number;
  /** The value's place among all values of the attribute in the order of their texts, from 1. */
  readonly rank: number;
}

/**
 * Reads one attribute of the view `users` or `items`. Values that one of them has twice count once.
 *
 * @param limit - Values that count of each user or item, the first ones; null = all
 * @returns In the order (id, slot); empty when nobody has the attribute
 */
export async function loadAttributeValues(
  db: Database,
  subject: Subject,
  name: string,
  limit: number | null,
): Promise<readonly AttributeValue[]> {
  const values: AttributeValue[] = [];
  const sql = sqlFile(`train/${subject}_attribute_values`);
  for await (const batch of readBatches(db, sql, { params: { name, limit } })) {
    const slots = int32Column(batch, "slot");
    const ranks = int32Column(batch, "value_rank");
    for (const [row, id] of int32Column(batch, "id").entries()) {
      values.push({ id, slot: slots[row] ?? 0, rank: ranks[row] ?? 0 });
    }
  }
  return values;
}

/**
 * The error for an attribute that nobody has: names those that there are.
 *
 * @param setting - That asked for it, e.g. `train.attributes`
 */
export async function unknownAttribute(
  db: Database,
  subject: Subject,
  name: string,
  setting: string,
): Promise<FlowError> {
  const rows = await db.rows(sqlFile(`train/${subject}_attribute_names`));
  const known = rows.map((row) => String(row["name"])).join(", ");
  return new FlowError(
    "CONFIG_INVALID",
    `${setting}: no ${subject} has an attribute "${name}"; ` +
      (known === ""
        ? `the ${subject}s have no attributes at all; set it to []`
        : `the ${subject}s have ${known}`),
  );
}
