import type { Database } from "../../tables/database.ts";
import { loadAttributeValues, unknownAttributeError } from "./attribute-values.ts";
import type { DenseIndex } from "./dense-index.ts";
import { USER_ID } from "../settings.ts";

/** User features as a model sees them. */
export interface UserFeatures {
  /** `G`, at least 1. */
  readonly fields: number;
  /** Distinct (field, value) pairs. */
  readonly values: number;
  /** Dense (field, value) pairs per dense user, 0 = unknown; row 0 is padding. Shape `[users + 1, G]`. */
  readonly ids: Int32Array;
}

/**
 * Numbers the values of user features, feature by feature: user ids in their order, or each user's first value of an attribute in
 * the order of the texts. Reads the view `users` for attributes only.
 *
 * @param features - `id` or attribute names, without duplicates
 * @param index - Of user ids
 * @returns Undefined if there are no features
 * @throws `CONFIG_INVALID` for an attribute that no user has
 */
export async function loadUserFeatures(
  db: Database,
  features: readonly string[],
  index: DenseIndex,
): Promise<UserFeatures | undefined> {
  const fields = features.length;
  if (fields === 0) return undefined;
  const ids = new Int32Array((index.size + 1) * fields);
  let values = 0;
  for (const [place, name] of features.entries()) {
    const before = values;
    if (name === USER_ID) {
      for (let user = 1; user <= index.size; user++) ids[user * fields + place] = before + user;
      values += index.size;
      continue;
    }
    for (const { id, rank } of (await loadAttributeValues(db, "user", name, 1)).values) {
      const user = index.get(id);
      if (user !== 0) ids[user * fields + place] = before + rank;
      values = Math.max(values, before + rank);
    }
    if (values === before) throw await unknownAttributeError(db, "user", name, "train.userFeatures");
  }
  return { fields, values, ids };
}
