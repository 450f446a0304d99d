import type { Subject } from "../../base/terms.ts";
import { FlowError } from "../../base/errors.ts";
import type { Database } from "../../tables/database.ts";
import { readBatches } from "../../tables/read-batches.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { int32Column } from "../../tables/arrow-columns.ts";
import { unknownAttribute } from "./attribute-faults.ts";

/** One of the values that a user or item has for an attribute. */
export interface AttributeValue {
  /** User or item id, as in the source. */
  readonly id: number;
  /** Its place among the subject's own values, from 1. */
  readonly slot: number;
  /** Its place among all values of the attribute, ordered by text, from 1. */
  readonly rank: number;
}

/** Values of one attribute. */
export interface LoadedValues {
  /** Ordered by (id, slot); empty if no subject has the attribute. */
  readonly values: readonly AttributeValue[];
  /** Values beyond the limit. */
  readonly leftOut: number;
  /** Subjects that have any. */
  readonly cutSubjects: number;
  /** Values of the subject that has the most. */
  readonly most: number;
}

/**
 * Reads one attribute from the view `users` or `items`. Duplicate values of a subject count once.
 *
 * @param limit - How many of each subject's first values count
 */
export async function loadAttributeValues(
  db: Database,
  subject: Subject,
  name: string,
  limit: number,
): Promise<LoadedValues> {
  const values: AttributeValue[] = [];
  let [leftOut, cutSubjects, most] = [0, 0, 0];
  const sql = sqlFile(`train/${subject}_attribute_values`);
  for await (const batch of readBatches(db, sql, { params: { name, limit } })) {
    const slots = int32Column(batch, "slot");
    const ranks = int32Column(batch, "value_rank");
    const totals = int32Column(batch, "values_in_all");
    for (const [row, id] of int32Column(batch, "id").entries()) {
      const slot = slots[row] ?? 0;
      values.push({ id, slot, rank: ranks[row] ?? 0 });
      if (slot !== 1) continue;
      const total = totals[row] ?? 0;
      leftOut += Math.max(0, total - limit);
      cutSubjects += total > limit ? 1 : 0;
      most = Math.max(most, total);
    }
  }
  return { values, leftOut, cutSubjects, most };
}

/**
 * The error for an attribute that no user or item has; lists the existing ones.
 *
 * @param setting - The setting that names it, e.g. `train.attributes`
 */
export async function unknownAttributeError(
  db: Database,
  subject: Subject,
  name: string,
  setting: string,
): Promise<FlowError> {
  const rows = await db.rows(sqlFile(`train/${subject}_attribute_names`));
  const known = rows.map((row) => String(row["name"]));
  return new FlowError("CONFIG_INVALID", unknownAttribute(subject, name, setting, known));
}
