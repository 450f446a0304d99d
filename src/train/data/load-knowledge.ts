import { unlimitedMemory } from "../../base/memory-budget.ts";
import type { Subject } from "../../base/terms.ts";
import type { Catalog } from "../../flow/stage.ts";
import type { Database } from "../../tables/database.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { dealVectors } from "./deal-vectors.ts";
import type { DenseIndex } from "./dense-index.ts";
import type { Deal } from "../variants.ts";
import { dealtNeed } from "./vectors-need.ts";
import { loadVectors, type Knowledge, type VectorTable } from "./vectors.ts";

/**
 * Loads the user and item vectors as a variant deals them. Vector tables are read if they are among the inputs.
 *
 * @param inputs - Mounted in `db`
 * @returns Undefined if there are no vectors
 */
export async function loadKnowledge(
  db: Database,
  inputs: Catalog,
  { deal, seed }: { readonly deal: Deal; readonly seed: number },
  indexes: { readonly user: DenseIndex; readonly item: DenseIndex },
  budget = unlimitedMemory,
): Promise<Knowledge | undefined> {
  const load = async (subject: Subject): Promise<VectorTable | undefined> => {
    const tables = [`${subject}_embeddings`, `${subject}_stats`] as const;
    const table = tables.find((name) => inputs[name] !== undefined);
    if (table === undefined) return undefined;
    const vectors = await loadVectors(db, table, indexes[subject], budget);
    if (deal !== "own") {
      budget.take(dealtNeed(deal, subject, indexes[subject].size, vectors.width));
    }
    if (deal !== "own" || table === `${subject}_stats`) {
      return dealVectors(vectors, deal, { seed, subject });
    }
    const encoders = await db.rows(sqlFile(`train/${subject}_encoders`));
    const encoder = encoders.map((row) => String(row["encoder"])).join(", ");
    return { ...vectors, ...(encoder !== "" && { encoder }) };
  };
  const user = await load("user");
  const item = await load("item");
  if (user === undefined && item === undefined) return undefined;
  return { ...(user && { user }), ...(item && { item }) };
}
