import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { Json } from "../../src/base/json.ts";
import type { Catalog } from "../../src/flow/stage.ts";
import type {
  FileRef,
  TaskContext,
  TaskProgress,
  TaskSpec,
  WrittenFile,
} from "../../src/flow/task.ts";
import { batchFromRows } from "../../src/tables/batch-from-rows.ts";
import { openDatabase, type Database, type Row } from "../../src/tables/database.ts";
import { mountTables } from "../../src/tables/mount-tables.ts";
import { writeBatches } from "../../src/tables/write-batches.ts";
import { writeQuery } from "../../src/tables/write-query.ts";
import { fileRef } from "../util/file-ref.ts";

/** An item of the catalogue, or a user: id and attributes, e.g. `{ genre: ["Drama", "War"] }`. */
export interface TestSubject {
  readonly id: number;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

/** A temporary run folder with a database, for tasks that are called directly. */
export interface RunFolder {
  readonly db: Database;
  readonly context: TaskContext;
  readonly progress: TaskProgress[];
  readonly writeTable: (table: string, rows: readonly Row[]) => Promise<FileRef>;
  readonly writeItems: (items: readonly TestSubject[]) => Promise<FileRef>;
  readonly writeUsers: (users: readonly TestSubject[]) => Promise<FileRef>;
  /** Makes views of the tables in `db`. */
  readonly mount: (inputs: Catalog) => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function openRunFolder(signal = new AbortController().signal): Promise<RunFolder> {
  const runDir = await mkdtemp(join(tmpdir(), "r4ec-train-"));
  const db = await openDatabase({ threads: 1, memoryMb: 1024, tempDir: join(runDir, "tmp") });
  const progress: TaskProgress[] = [];
  let files = 0;
  const context: TaskContext = {
    runDir,
    cacheDir: join(runDir, "cache"),
    tempDir: join(runDir, "tmp"),
    threads: 1,
    memoryMb: 1024,
    signal,
    outputPath: (table) => join(runDir, `${table}-${files++}.parquet`),
    progress: (step) => progress.push(step),
    shared: (_key, create) => create(),
  };
  const refOf = (file: WrittenFile): FileRef => toRef({ context }, file);
  async function* oneBatch(table: string, rows: readonly Row[]) {
    yield await Promise.resolve(batchFromRows(table, rows));
  }
  return {
    db,
    context,
    progress,
    writeTable: async (table, rows) =>
      refOf(await writeBatches(db, table, oneBatch(table, rows), context)),
    writeItems: async (items) => {
      const sql = `select id as item_id, 'item ' || id as title, null::smallint as year, attributes
        from ${relation(items)}`;
      return refOf(await writeQuery(db, "items", sql, {}, context));
    },
    writeUsers: async (users) => {
      const sql = `select id as user_id, attributes from ${relation(users)}`;
      return refOf(await writeQuery(db, "users", sql, {}, context));
    },
    mount: (inputs) => mountTables(db, inputs, runDir),
    close: async () => {
      db.close();
      await rm(runDir, { recursive: true });
    },
  };
}

/** The subjects as a relation (id, attributes) in SQL. */
function relation(subjects: readonly TestSubject[]): string {
  const values = subjects.map(({ id, attributes }) => {
    const entries = Object.entries(attributes).map(
      ([name, texts]) => `'${name}': [${texts.map((text) => `'${text}'`).join()}]`,
    );
    return `(${id}::integer, map {${entries.join()}}::map(varchar, varchar[]))`;
  });
  return `(values ${values.join()}) as t (id, attributes)`;
}

/** A written file as a manifest would name it. */
export function toRef({ context }: Pick<RunFolder, "context">, file: WrittenFile): FileRef {
  const { table, path, rows, bucket } = file;
  const named = fileRef(context.runDir, table, relative(context.runDir, path), rows);
  return bucket === undefined ? named : { ...named, bucket };
}

/** What the runtime would hand to a task of the train room. */
export function taskSpec(name: string, config: Json, params: Json, inputs: Catalog): TaskSpec {
  const module = `train/${name}-task`;
  return {
    stage: name,
    index: 0,
    key: name,
    module,
    export: name,
    config,
    runtime: null,
    params,
    inputs,
    outputs: [],
  };
}

/** A row of `samples` with defaults. */
export function sample(row: Row): Row {
  return {
    rn: 1,
    rating: 4,
    label: 1,
    ts: new Date(0),
    split: "train",
    history_items: [],
    history_ratings: [],
    ...row,
  };
}
