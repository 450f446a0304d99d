import type { Database } from "../tables/database.ts";

/** How to point at a row of the source when something is wrong with it. */
export interface SourceRows {
  /** What the interactions were read from, for messages. */
  readonly name: string;
  /** Line number of interaction 0. */
  readonly firstLine: number;
  /** About how many interactions there are, the same for equal data, where that is known without reading them. */
  readonly rows?: number;
}

/**
 * Loads a source into tables of the given database:
 * `source_interactions(user_id, item_id, rating, ts, file_row)`, checked and typed, in file order;
 * `source_items(item_id, title, year, attributes)`; `source_users(user_id, attributes)`.
 */
export type LoadSource = (db: Database) => Promise<SourceRows>;
