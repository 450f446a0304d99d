import { FlowError } from "../../../../base/errors.ts";
import type { Database } from "../../../../tables/database.ts";
import { quoteName } from "../../../../tables/quote.ts";
import { missingColumn, namesOf, type WantedColumn } from "../file-errors.ts";
import type { SourceFile } from "../find-files.ts";
import { literalPath } from "../../../../tables/files/literal-path.ts";
import { readObject } from "../text/python-object.ts";
import { readLines } from "../text/read-lines.ts";

/** Most lines to look for keys in. */
const mostLines = 10_000;

/**
 * Checks that every requested column of JSON files is a key of at least one of their objects, and that it holds values rather than lists
 * or objects. Unlike columns, keys may be absent from some objects, and DuckDB reads what is absent everywhere as null.
 *
 * @param view - Of the files, as `openFiles` makes it
 * @throws `INPUT_INVALID` naming the key, its setting, and the keys that there are or what it holds
 */
export async function refuseMissingKeys(
  db: Database,
  view: string,
  files: readonly SourceFile[],
  columns: readonly WantedColumn[],
): Promise<void> {
  const { rows, nested, empty } = await suspectsIn(db, view, columns);
  if (rows === 0) return; // every row has a fault that says more
  if (nested !== -1) throw await nestedValues(db, view, files, columns, nested);
  if (empty.length === 0) return;
  const keys = new Set<string>();
  for (const file of files) for (const key of await keysOf(db, file)) keys.add(key);
  const missing = empty.find(({ name }) => !keys.has(name));
  if (missing === undefined) return;
  const [only, ...others] = keys;
  const hint =
    rows === 1 && only !== undefined && others.length === 0
      ? `, in one object; if ${only} holds a list of the rows, write that list alone, as by jq '.["${only}"]' FILE > NEW`
      : "";
  throw missingColumn(namesOf(files), missing, [...keys], hint);
}

/** Whether these rows may be among those of which {@link refuseMissingKeys} refuses all: nothing in them speaks against it. */
export async function mayLackKeys(
  db: Database,
  view: string,
  columns: readonly WantedColumn[],
): Promise<boolean> {
  const { rows, nested, empty } = await suspectsIn(db, view, columns);
  return rows === 0 || nested !== -1 || empty.length > 0;
}

interface KeySuspects {
  /** Rows that can be read. */
  readonly rows: number;
  /** Place of the first column that holds only lists or objects and may not; -1 without one. */
  readonly nested: number;
  /** Columns without a value. */
  readonly empty: readonly WantedColumn[];
}

async function suspectsIn(
  db: Database,
  view: string,
  columns: readonly WantedColumn[],
): Promise<KeySuspects> {
  const counts = columns.map(
    (_, place) =>
      `count(c${place}) as c${place}, count(*) filter (regexp_matches(c${place}, '^[{[]')) as nested${place}`,
  );
  const [filled] = await db.rows(
    `select count(*) filter (fault is null) as rows, ${counts.join(", ")} from ${quoteName(view)}`,
  );
  const isNested = (_: WantedColumn, place: number): boolean =>
    Number(filled?.[`c${place}`]) > 0 && filled?.[`nested${place}`] === filled?.[`c${place}`];
  return {
    rows: Number(filled?.["rows"]),
    nested: columns.findIndex((column, place) => !column.mayBeList && isNested(column, place)),
    empty: columns.filter((_, place) => filled?.[`c${place}`] === 0),
  };
}

/** The error for a column that holds a list or an object in every row. */
async function nestedValues(
  db: Database,
  view: string,
  files: readonly SourceFile[],
  columns: readonly WantedColumn[],
  place: number,
): Promise<FlowError> {
  const [first] = await db.rows(
    `select left(c${place}, 60) as value, (select count(*) from ${quoteName(view)}) as rows from ${quoteName(view)} where c${place} is not null limit 1`,
  );
  const { name = "", setting = "" } = columns[place] ?? {};
  const cure =
    first?.["rows"] === 1
      ? "the file seems to hold columns: write one object for each row, as pandas does by to_json(FILE, orient='records', lines=True)"
      : "write a row for each value of a list, and a key for each field of an object";
  return new FlowError(
    "INPUT_INVALID",
    `${setting}: ${name} of ${namesOf(files)} holds lists or objects, such as ${String(first?.["value"])}, but each row needs one value there; ${cure}`,
  );
}

/** The keys of the first objects of a JSON file, in order of occurrence. */
async function keysOf(db: Database, { path, bytes }: SourceFile): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  let lines = 0;
  if (bytes !== null) {
    for await (const chunk of readLines(path)) {
      for (const { bytes: line } of chunk) {
        for (const key of Object.keys(readObject(line.toString("utf8")) ?? {})) keys.add(key);
      }
      lines += chunk.length;
      if (lines >= mostLines) break;
    }
  }
  if (keys.size > 0) return keys;
  // One list of objects, maybe on many lines.
  const objects = `read_json_objects(${literalPath(path)}, format = 'auto', hive_partitioning = false)`;
  const rows = await db
    .rows(`select unnest(json_keys(json)) as key from (select json from ${objects} limit 1000)`)
    .catch(() => []);
  return new Set(rows.map(({ key }) => String(key)));
}
