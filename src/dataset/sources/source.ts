import type { TaskContext } from "../../flow/task.ts";
import type { Database } from "../../tables/database.ts";

/** How to point at a row of the source when something is wrong with it. */
export interface SourceRows {
  /** What the interactions were read from, for messages. */
  readonly name: string;
  /** Line number of interaction 0. */
  readonly firstLine: number;
  /** About how many interactions there are, the same for equal data, where that is known without reading them. */
  readonly rows?: number;
  /** Interactions by the source's own account in `ingest_counts`: as many as must be written. */
  readonly accountedRows?: number;
  /** Whether `source_interactions` has lost the order of the file, as joins lose it. Default false. */
  readonly isUnordered?: boolean;
  /** Where rows are in several files: names a row by its `file_row`, e.g. "ratings.csv: line 12". Default: by its line alone. */
  readonly describeRow?: (fileRow: number) => Promise<string>;
  /** What the columns of the interactions are taken for, where the settings map them. */
  readonly mapping?: readonly MappedColumn[];
  /** Further tables of the run that the source fills, by name: the query to write each from. */
  readonly tables?: Readonly<Record<string, string>>;
}

/** A column of the interactions: `user`, `item`, `time`, what says whether the user liked the item, or `weight`. */
export interface MappedColumn {
  readonly role: string;
  /** In the files. */
  readonly name: string;
  /** DuckDB's; texts are VARCHAR. */
  readonly type: string;
  /** How it is taken, in words. */
  readonly taken: string;
}

/** Where a source may put what it cannot leave where it is. */
export type SourceSite = Pick<TaskContext, "tempDir" | "signal">;

/**
 * Loads a source into relations of the given database, tables or views:
 * `source_interactions(user_id, item_id, rating, ts, file_row)`, checked and typed, in file order unless `isUnordered`, with `weight`
 * where rows have one;
 * `source_items(item_id, title, year, attributes)`; `source_users(user_id, attributes)`.
 */
export type LoadSource = (db: Database, site: SourceSite) => Promise<SourceRows>;
