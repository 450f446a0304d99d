import { literalPath } from "./literal-path.ts";

/** What rows may have besides the files' columns. */
export interface PlainParquetOptions {
  /** `filename`, the path of the row's file. Default false. */
  readonly hasFileName?: boolean;
  /** `file_row_number`, the row's place in its file, from 0. Default false. */
  readonly hasRowNumber?: boolean;
}

/**
 * SQL for the rows of Parquet files, to put after `from`: the columns that are in the files, and nothing that DuckDB would take from
 * their paths. A folder called `variant=base` is no column and replaces none, and `[`, `*` and `?` are letters of a name.
 *
 * @param paths - Absolute
 */
export function plainParquet(
  paths: readonly string[],
  { hasFileName = false, hasRowNumber = false }: PlainParquetOptions = {},
): string {
  const options = [
    "hive_partitioning = false",
    "union_by_name = false",
    ...(hasFileName ? ["filename = true"] : []),
    ...(hasRowNumber ? ["file_row_number = true"] : []),
  ];
  return `read_parquet([${paths.map(literalPath).join(", ")}], ${options.join(", ")})`;
}
