import { FlowError } from "../../../../base/errors.ts";
import type { Database } from "../../../../tables/database.ts";
import type { SourceFile } from "../find-files.ts";
import { missingColumn, unreadableFile, type WantedColumn } from "../file-errors.ts";
import { literalPath } from "../literal-path.ts";
import { partitionValues } from "./partition-values.ts";
import { decodeLine } from "./decode-line.ts";
import { readLines } from "./read-lines.ts";
import type { CsvSettings } from "../settings.ts";
import { quotingOf, splitRecord, type FieldSyntax } from "./split-record.ts";

/** The format of a CSV file, and where the requested columns are. */
export interface CsvLayout {
  readonly names: readonly string[];
  readonly syntax: FieldSyntax;
  readonly hasHeader: boolean;
  readonly encoding: CsvSettings["encoding"];
  /** For each requested column: its index among the names, or the value given by the file's folder. */
  readonly places: readonly (number | string)[];
}

const commonDelimiters = [",", "\t", ";", "|"];

/**
 * Detects the layout of a CSV file by its first line.
 *
 * @throws `INPUT_INVALID` for a requested column that is missing or occurs twice
 */
export async function csvLayout(
  db: Database,
  file: SourceFile,
  { columns, csv }: { readonly columns: readonly WantedColumn[]; readonly csv: CsvSettings },
): Promise<CsvLayout> {
  const line = await firstLine(db, file, csv.encoding);
  const given = partitionValues(file.path);
  const candidates = (csv.delimiter === "auto" ? commonDelimiters : [csv.delimiter]).map(
    (delimiter) => layoutWith(delimiter, line, given, file, columns, csv),
  );
  const widest = candidates.toSorted((a, b) => b.names.length - a.names.length)[0];
  // Without columns to look for, the delimiter that gives the most fields.
  const fitting = columns.length > 0 && candidates.find(({ missing }) => missing === undefined);
  const layout = fitting || widest;
  if (layout === undefined) throw new Error("internal: no delimiter to try");
  if (layout.missing !== undefined) {
    throw missingColumn(file.path, layout.missing, [...layout.names, ...given.keys()]);
  }
  return layout;
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

async function firstLine(
  db: Database,
  { path, bytes }: SourceFile,
  encoding: CsvSettings["encoding"],
): Promise<string> {
  if (bytes === null) {
    const source = `read_csv(${literalPath(path)}, delim = '\x1f', header = false, quote = '', escape = '', auto_detect = false, columns = {'line': 'VARCHAR'})`;
    const [row] = await db.rows(`select line from ${source} limit 1`).catch((error: unknown) => {
      throw unreadableFile(path, error);
    });
    return String(row?.["line"]);
  }
  for await (const [line] of readLines(path)) {
    if (line !== undefined) return decodeLine(line, encoding).text;
  }
  return "";
}
