import { FlowError } from "../../../../base/errors.ts";
import type { Database } from "../../../../tables/database.ts";
import type { SourceFile } from "../find-files.ts";
import { missingColumn, type WantedColumn } from "../file-errors.ts";
import { unreadableFile } from "../../../../tables/files/read-fault.ts";
import { literalPath } from "../../../../tables/files/literal-path.ts";
import { partitionValues } from "./partition-values.ts";
import { decodeLine, type TextEncoding } from "./decode-line.ts";
import { readLines } from "./read-lines.ts";
import type { CsvSettings } from "../settings.ts";
import { quotingOf, splitRecord, type FieldSyntax } from "./split-record.ts";

/** The format of a CSV file, and where the requested columns are. */
export interface CsvLayout {
  readonly names: readonly string[];
  readonly syntax: FieldSyntax;
  readonly hasHeader: boolean;
  readonly encoding: TextEncoding;
  /** For each requested column: its index among the names, or the value given by the file's folder. */
  readonly places: readonly (number | string)[];
}

const commonDelimiters = [",", "\t", ";", "|"];
/** The same, those first that texts hold least often. */
const rareDelimiters = ["\t", "|", ";", ","];

/** What else separates fields of published files. */
const otherDelimiters = ["::", "\t", ";", "|", ",", "^", "~", "\x01", " "];

/** Lines to look at. */
const lookedAt = 100;

/**
 * Detects the layout of a CSV file by its first line; without a header, by its first lines.
 *
 * @throws `INPUT_INVALID` for a requested column that is missing or occurs twice
 */
export async function csvLayout(
  db: Database,
  file: SourceFile,
  { columns, csv }: { readonly columns: readonly WantedColumn[]; readonly csv: CsvSettings },
): Promise<CsvLayout> {
  const lines = await firstLines(db, file, csv.encoding);
  const [line = ""] = lines;
  const given = partitionValues(file.path);
  const candidates = (csv.delimiter === "auto" ? commonDelimiters : [csv.delimiter]).map(
    (delimiter) => layoutWith(delimiter, line, given, file, columns, csv),
  );
  const widest = candidates.toSorted((a, b) => b.names.length - a.names.length)[0];
  // Without columns to look for, the delimiter that gives the most fields.
  const fits = candidates.filter(({ missing }) => missing === undefined);
  const fitting = columns.length > 0 && mostEven(fits, lines);
  const layout = fitting || widest;
  if (layout === undefined) throw new Error("internal: no delimiter to try");
  if (layout.missing !== undefined) {
    const names = [...layout.names, ...given.keys()];
    throw missingColumn(file.path, layout.missing, names, headerHint(layout.names, line, csv));
  }
  return layout;
}

/**
 * The layout under which most lines have as many fields as the first, which matters without a header: texts hold commas. Of equals, a
 * delimiter that texts hold less often.
 */
function mostEven<Layout extends CsvLayout>(
  layouts: readonly Layout[],
  lines: readonly string[],
): Layout | undefined {
  const like = ({ syntax, names }: Layout): number =>
    lines.filter((line) => {
      const split = splitRecord(line, syntax);
      return "fields" in split && split.fields.length === names.length;
    }).length;
  const rank = ({ syntax }: Layout): number => rareDelimiters.indexOf(syntax.delimiter);
  return layouts.toSorted((a, b) => like(b) - like(a) || rank(a) - rank(b))[0];
}

/** What may be wrong with the settings when a CSV file seems to lack a column. */
function headerHint(
  names: readonly string[],
  firstLine: string,
  { header, delimiter, quote }: CsvSettings,
): string {
  if (firstLine.startsWith("#")) return "; its first line is a comment: remove it";
  const isOne = names.length === 1;
  const separator = isOne
    ? otherDelimiters.find((each) => each !== delimiter && firstLine.trim().includes(each))
    : undefined;
  if (separator !== undefined) {
    const shown = separator === "\t" ? "tab" : `"${separator}"`;
    return `; its fields seem to be separated by ${separator === " " ? "spaces" : shown}: set dataset.csv.delimiter`;
  }
  if (!header) {
    return "; dataset.csv.header is false, so columns go by their place in all CSV files: interactions, items and users";
  }
  if (isOne) {
    return delimiter === "auto"
      ? "; if it has several columns, name what separates them as dataset.csv.delimiter"
      : "; dataset.csv.delimiter does not occur in its first line";
  }
  if (quote !== "'" && names.every((name) => /^'.*'$/.test(name))) {
    return "; its names stand in single quotes: set dataset.csv.quote to them";
  }
  if (names.some((name) => name !== name.trim())) {
    return "; some names have spaces around them: remove them, or write them so in dataset.columns";
  }
  const isData = names.some((name) => /^[-+]?[0-9][0-9.,:TZ -]*$/.test(name));
  return isData
    ? "; its first line looks like a row: if it has no header, set dataset.csv.header to false"
    : "";
}

function layoutWith(
  delimiter: string,
  line: string,
  given: ReadonlyMap<string, string>,
  file: SourceFile,
  columns: readonly WantedColumn[],
  csv: CsvSettings,
): CsvLayout & { readonly missing?: WantedColumn } {
  const { header, encoding } = csv;
  const syntax = { delimiter, ...quotingOf(csv) };
  const split = splitRecord(line, syntax);
  const fields = "fields" in split ? split.fields : [line];
  const names = header ? fields : fields.map((_, k) => `column${k}`);
  const places = columns.map(({ name, setting }) => {
    const place = names.indexOf(name);
    if (place !== names.lastIndexOf(name)) {
      throw new FlowError(
        "INPUT_INVALID",
        `${setting}: ${file.path} has several columns ${name}; rename all but one`,
      );
    }
    return place === -1 ? given.get(name) : place;
  });
  const missing = columns[places.indexOf(undefined)];
  return {
    ...{ names, syntax, hasHeader: header, encoding },
    places: places.filter((place) => place !== undefined),
    ...(missing && { missing }),
  };
}

async function firstLines(
  db: Database,
  { path, bytes }: SourceFile,
  encoding: CsvSettings["encoding"],
): Promise<readonly string[]> {
  if (bytes === null) {
    const source = `read_csv(${literalPath(path)}, delim = '\x1f', header = false, quote = '', escape = '', auto_detect = false, hive_partitioning = false, columns = {'line': 'VARCHAR'})`;
    const [row] = await db.rows(`select line from ${source} limit 1`).catch((error: unknown) => {
      throw unreadableFile(path, error);
    });
    return [String(row?.["line"])];
  }
  for await (const lines of readLines(path)) {
    if (lines.length > 0) {
      return lines.slice(0, lookedAt).map((line) => decodeLine(line, encoding).text);
    }
  }
  return [];
}
