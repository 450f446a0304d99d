import type { z } from "zod";
import type { Subject } from "../../base/terms.ts";
import type { TaskContext } from "../../flow/task.ts";
import type { Database } from "../../tables/database.ts";
import type { SourceOfFiles } from "./files/source-of-files.ts";
import type { MappedColumn, SourceReport } from "./source-report.ts";

/**
 * A source of interactions: one value of `dataset.source` in a pipeline file. To add one, write a folder with a `source.ts` that
 * exports it and register it in `registry.ts`.
 *
 * Planning a run loads every registered source: import what reads data only inside the functions.
 *
 * @typeParam Settings - Its `dataset` block, checked, with defaults filled in
 */
export interface Source<Settings extends { readonly source: string }> {
  /** Its `dataset.source`. */
  readonly name: Settings["source"];
  /** Checks its `dataset` block, which always has `source`, `positiveAbove` and `shortUsers`. */
  readonly settings: z.ZodType<Settings>;
  /** Whether the interactions are made up rather than observed. */
  readonly isSimulated: boolean;
  /** How they are made up, as far as it decides what a result on them proves. */
  readonly simulation?: string;
  /** What it is, in words, e.g. "MovieLens at /data/ml-1m". */
  label(settings: Settings): string;
  /** The settings with paths relative to the current folder made absolute. */
  withAbsolutePaths(settings: Settings): Settings;
  /** How people speak of its items, users and events. */
  words(settings: Settings): SourceWords;
  /** Names of the attributes that its users and items may have, known before the data are read; no others do. */
  attributes(settings: Settings): Readonly<Record<Subject, readonly string[]>>;
  /** A short text that changes with the data behind the settings: part of the keys of the ingest stage's tasks. */
  fingerprint(settings: Settings): Promise<string>;
  /** The data as files that can be read in groups, on several machines. Absent where {@link load} is the only way. */
  files?(settings: Settings): Promise<SourceOfFiles>;
  /**
   * Loads the data into relations of `db`, tables or views:
   * `source_interactions(user_id, item_id, rating, ts, file_row)`, checked and typed, in file order unless `isUnordered`, with
   * `weight` where rows have one;
   * `source_items(item_id, title, year, attributes)`; `source_users(user_id, attributes)`.
   *
   * @throws `INPUT_INVALID` for data that the settings do not allow
   */
  load(db: Database, settings: Settings, site: SourceSite): Promise<SourceRows>;
  /**
   * Reads the data as {@link load} does, but counts bad rows and items without metadata instead of stopping at them. Writes only to
   * `site.tempDir`.
   *
   * @throws what `load` throws for data that no setting allows
   */
  describe(db: Database, settings: Settings, site: SourceSite): Promise<SourceReport>;
}

/** Words for the settings `knowledge.nouns` and `knowledge.scale` where a pipeline file says nothing; absent ones are neutral. */
export interface SourceWords {
  readonly nouns: { readonly item?: string; readonly user?: string; readonly event?: string };
  /** The best rating; "none" where events are no ratings. */
  readonly scale?: number | "none";
}

/** Where a source may write what it cannot leave in place. */
export type SourceSite = Pick<TaskContext, "tempDir" | "signal">;

/** A source that is loaded: how many rows it has, and how to name one of them in a message. */
export interface SourceRows {
  /** What the interactions were read from, for messages. */
  readonly name: string;
  /** Line number of interaction 0. */
  readonly firstLine: number;
  /** Approximate number of interactions, the same for equal data, where it is known without reading them. */
  readonly rows?: number;
  /** Interactions that `ingest_counts` accounts for: exactly as many must be written. */
  readonly accountedRows?: number;
  /** Whether `source_interactions` is not in file order, as after joins. Default false. */
  readonly isUnordered?: boolean;
  /** Where rows are in several files: names a row by its `file_row`, e.g. "ratings.csv: line 12". Default: its line number. */
  readonly describeRow?: (fileRow: number) => Promise<string>;
  /** How the columns of the interactions are read, where the settings map them. */
  readonly mapping?: readonly MappedColumn[];
  /** Further tables of the run that the source fills: table name to the query it is written from. */
  readonly tables?: Readonly<Record<string, string>>;
}
