/** One column. `type` is DuckDB's name for it, exactly as `describe` prints it. */
export interface Column {
  readonly name: string;
  readonly type: string;
  /** What it holds, with unit and range. */
  readonly about: string;
  /** Whether the table has the column only in some runs; `about` says in which. Default false. */
  readonly isOptional?: boolean;
}

/** A table: what one row is (`grain`), the order rows are written in, and its columns in order. */
export interface TableSchema {
  readonly name: string;
  readonly about: string;
  readonly grain: readonly string[];
  readonly order: readonly string[];
  readonly columns: readonly Column[];
}

/** A column that every part of its table has. */
export const column = (name: string, type: string, about: string): Column => ({
  name,
  type,
  about,
});

/** Names of tables, in order: what a stage declares as its outputs. */
export const tableNames = (tables: readonly TableSchema[]): readonly string[] =>
  tables.map(({ name }) => name);
