import type { Database } from "../../tables/database.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { oneClassFault } from "../label-cure.ts";
import type { KeptFacts, SourceReport, WeightRange } from "./source-report.ts";

/** Describes a loaded source that keeps all its rows and has no files of the user's own. */
export async function describeKept(
  db: Database,
  { source, positiveAbove }: { readonly source: string; readonly positiveAbove: number },
): Promise<SourceReport> {
  const kept = await keptFacts(db, positiveAbove);
  const stops = oneClassFault(kept, { positiveAbove });
  return { source, files: [], columns: [], counts: [], rejects: [], stops, kept };
}

/** Sums up `source_interactions`. */
export async function keptFacts(db: Database, positiveAbove: number): Promise<KeptFacts> {
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

/** Sums up the weights of `source_interactions`. */
export async function weightRange(db: Database): Promise<WeightRange> {
  const [range] = await db.rows(sqlFile("source/weight_range"));
  const figure = (name: string): number => Number(range?.[name]);
  return {
    least: figure("least"),
    most: figure("most"),
    mean: figure("mean"),
    zeros: figure("zeros"),
  };
}
