/** @file How DuckDB reads text files: the table function over them, and the values of a row. */
import { quote } from "../../../../tables/quote.ts";
import type { CsvLayout } from "./csv-layout.ts";
import { maxLineBytes } from "./read-lines.ts";

/** Reads files of one form. Files with equal {@link readerKey}s can be read by one call. */
export interface TextReader {
  /**
   * A table of the records of files, with `file_index` from 0 among them.
   *
   * @param paths - SQL list of paths
   */
  readonly from: (paths: string) => string;
  /** SQL of the columns fault, content and line. */
  readonly facts: readonly [fault: string, content: string, line: string];
  /** For each requested column its SQL or, where the folder of the file gives the value of all rows, null. */
  readonly values: readonly (string | null)[];
}

/** A text that tells readers apart. */
export function readerKey({ from, facts, values }: TextReader): string {
  return [from(""), ...facts, ...values].join("\n");
}

const noFacts = ["null::varchar", "null::varchar", "null::bigint"] as const;

/** Reads CSV files whose lines are records. */
export function csvReader({ names, syntax, hasHeader, encoding, places }: CsvLayout): TextReader {
  const columns = names.map((_, k) => `'column${k}': 'VARCHAR'`).join(", ");
  const quoting = `quote = ${quote(syntax.quote ?? "")}, escape = ${quote(syntax.escape ?? "")}`;
  return {
    from: (paths) =>
      `read_csv(${paths}, delim = ${quote(syntax.delimiter)}, header = ${hasHeader}, ${quoting}, encoding = '${encoding}', ` +
      `auto_detect = false, hive_partitioning = false, max_line_size = ${maxLineBytes}, columns = {${columns}})`,
    facts: noFacts,
    values: places.map((place) => (typeof place === "number" ? `column${place}` : null)),
  };
}

/** Reads JSON files with one object per line, or each with one list of objects. */
export function jsonReader(
  names: readonly string[],
  format: "newline_delimited" | "array",
): TextReader {
  return objectReader(
    (paths) =>
      `(select file_index, json as record, null::varchar as text, null::varchar as fault, null::varchar as content, null::bigint as line ` +
      `from read_json_objects(${paths}, format = '${format}', hive_partitioning = false, maximum_object_size = ${maxLineBytes}))`,
    names,
  );
}

/**
 * Reads CSV files as `writeRecords` rewrites them.
 *
 * @param width - Number of requested columns
 */
export function rewrittenCsvReader(width: number): TextReader {
  return {
    from: (paths) => rewritten(paths, width),
    facts: ["fault", "content", "line"],
    values: Array.from({ length: width }, (_, k) => `c${k}`),
  };
}

/** Reads JSON objects as `writeJson` rewrites them. */
export function rewrittenJsonReader(names: readonly string[]): TextReader {
  return objectReader(
    (paths) =>
      `(select file_index, try_cast(c0 as json) as record, c0 as text, fault, content, line from ${rewritten(paths, 1)})`,
    names,
  );
}

function rewritten(paths: string, width: number): string {
  const columns = Array.from({ length: width }, (_, k) => `c${k}`);
  const types = [...columns, "fault", "content"].map((name) => `'${name}': 'VARCHAR'`);
  return (
    `read_csv(${paths}, delim = ',', header = false, quote = '"', escape = '"', auto_detect = false, hive_partitioning = false, ` +
    `max_line_size = ${4 * maxLineBytes}, columns = {${types.join(", ")}, 'line': 'BIGINT'})`
  );
}

/** Extracts values from the JSON objects `record` of a table `file_index, record, text, fault, content, line`. */
function objectReader(from: TextReader["from"], names: readonly string[]): TextReader {
  const pointers = names.map((name) =>
    quote(`/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`),
  );
  const isObject = "json_type(record) = 'OBJECT'";
  const fault =
    "case when is_object then fault else coalesce(fault, 'the line is not a JSON object') end";
  return {
    from: (paths) =>
      `(select file_index, fault, content, line, coalesce(text, record::varchar) as text, coalesce(${isObject}, false) as is_object, ` +
      `if(${isObject}, json_extract_string(record, [${pointers.join(", ")}]), null) as extracted from ${from(paths)})`,
    facts: [
      fault,
      "case when is_object then content else coalesce(content, left(text, 200)) end",
      "line",
    ],
    values: names.map((_, k) => plainValue(`extracted[${k + 1}]`)),
  };
}

/** Keys with which MongoDB's extended JSON names the type of a value: `{"$oid": "5f0a…"}`. */
const typeKeys = ["$oid", "$numberInt", "$numberLong", "$numberDouble", "$numberDecimal", "$uuid"];

/** SQL of the value in MongoDB's extended JSON; any other as it is. */
function plainValue(text: string): string {
  const pointers = [...typeKeys, "$date/$numberLong", "$date"].map((key) => quote(`/${key}`));
  const values = `json_extract_string(${text}, [${pointers.join(", ")}])`;
  return `if(starts_with(${text}, '{"$') and json_valid(${text}), coalesce(list_filter(${values}, x -> x is not null)[1], ${text}), ${text})`;
}
