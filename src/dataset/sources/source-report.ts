/** What a source holds, and what a run would make of it. */
export interface SourceReport {
  readonly source: string;
  /** Empty for sources without files of the user's own. */
  readonly files: readonly DescribedFiles[];
  /** How the columns of the interactions are read, and in how many rows each is empty. */
  readonly columns: readonly (MappedColumn & { readonly missing: number })[];
  /** From rows read to rows kept. */
  readonly counts: readonly {
    readonly step: string;
    readonly reason: string;
    readonly rows: number;
  }[];
  readonly rejects: readonly RejectReason[];
  /** What a run with these settings would stop for, in words. */
  readonly stops: readonly string[];
  readonly kept: KeptFacts;
}

/** A column of the interactions. */
export interface MappedColumn {
  /** `user`, `item`, `time`, `weight`, or what says whether the user liked the item: `rating`, `label` or `event`. */
  readonly role: string;
  /** In the files. */
  readonly name: string;
  /** DuckDB's; texts are VARCHAR. */
  readonly type: string;
  /** How it is read, in words. */
  readonly taken: string;
}

/** The interactions that are kept. */
export interface KeptFacts {
  readonly rows: number;
  readonly users: number;
  readonly items: number;
  /** Share of label 1. */
  readonly positiveShare: number;
  /** Rows that repeat an event. */
  readonly repeated: number;
  /** Where rows have a weight. */
  readonly weights?: WeightRange;
  readonly firstAt: string;
  readonly lastAt: string;
}

export interface WeightRange {
  readonly least: number;
  readonly most: number;
  readonly mean: number;
  /** Rows of weight 0, which do not count in training. */
  readonly zeros: number;
}

export interface DescribedFiles {
  readonly holds: "interactions" | "items" | "users";
  readonly paths: readonly string[];
  /** Null where some are URLs. */
  readonly bytes: number | null;
  /** Of the first file. */
  readonly columns: readonly FoundColumn[];
}

/** A column as found in a file. */
export interface FoundColumn {
  readonly name: string;
  /** DuckDB's; in a CSV file all are VARCHAR. */
  readonly type: string;
}

/** Rows rejected for one reason. */
export interface RejectReason {
  readonly source: string;
  readonly reason: string;
  readonly rows: number;
  readonly first: { readonly file: string; readonly line: number; readonly content: string };
}
