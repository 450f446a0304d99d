import { z } from "zod";
import { FlowError } from "../base/errors.ts";
import type { RunTask } from "../flow/task.ts";
import { describeQuery, schemaOf } from "../tables/check-schema.ts";
import { type Database, type Row, withDatabase } from "../tables/database.ts";
import { nameDamagedFile } from "../tables/files/name-damaged-file.ts";
import { mountFiles, mountTables } from "../tables/mount-tables.ts";
import { plainParquet } from "../tables/files/plain-parquet.ts";
import { unreadableFile } from "../tables/files/read-fault.ts";
import { quote, quoteName } from "../tables/quote.ts";
import type { Column } from "../tables/schemas/index.ts";
import { refuseLostIds } from "../tables/source-ids/refuse-lost-ids.ts";
import { idText } from "../tables/source-ids/id-text.ts";
import { mountSourceIds, sourceIdIn } from "../tables/source-ids/source-ids.ts";
import { sqlFile } from "../tables/sql-file.ts";
import { writeQuery } from "../tables/write-query.ts";
import { encodeParams, type EncodeParams } from "./settings.ts";

const importParams = encodeParams.extend({ content: z.string() });
const importRuntime = z.object({
  files: z.record(z.string(), z.array(z.string())).describe("Absolute, by subject."),
  dictionaries: z
    .record(z.string(), z.array(z.string()))
    .default({})
    .describe(
      "Of the run whose numbers the files hold, where they are of one; absolute, by subject.",
    ),
  madeBy: z
    .record(z.string(), z.object({ runDir: z.string(), fingerprint: z.array(z.string()) }))
    .default({})
    .describe("The run that the files are of, where they are of one, by subject."),
});

/**
 * Imports vectors that were made elsewhere: checks the Parquet files of users or items and writes them as a part of `user_embeddings`
 * or `item_embeddings`.
 *
 * Runtime `{ files, dictionaries, madeBy }`; params `{ subject, variant, content }`; reads `users` or `items`, where there is one their
 * dictionary, and for vectors of another run `data_fingerprint`. The files need a column `user_id` or `item_id` (or `id`) of the source's ids and a column `vector` of FLOAT or DOUBLE
 * lists or arrays of one width. Users and items that the run lacks are kept where ids are integers, and left out where a dictionary
 * numbers them.
 *
 * @throws `INPUT_INVALID` naming file, row and fix for data that cannot be used
 */
export const importVectors: RunTask = async (task, context) => {
  const { subject, variant } = importParams.parse(task.params);
  const runtime = importRuntime.parse(task.runtime);
  const { [subject]: files = [] } = runtime.files;
  const { [subject]: dictionary = [] } = runtime.dictionaries;
  return withDatabase(context, async (db) => {
    await mountTables(db, task.inputs, context.runDir);
    const numbered = await mountSourceIds(db, task.inputs, context.runDir);
    await db.run(`create view known as select ${subject}_id as number from ${subject}s`);
    const { [subject]: madeBy } = runtime.madeBy;
    if (madeBy !== undefined) await refuseOtherData(db, { subject, variant }, madeBy);
    if (dictionary.length > 0) await mountFiles(db, otherDictionary, dictionary);
    const written = await nameDamagedFile(db, files, async () => {
      await viewFiles(db, { subject, variant }, files, dictionary.length > 0);
      await refuseFaults(db, subject, files, numbered[subject]);
      return writeQuery(db, `${subject}_embeddings`, "select * from embeddings", {}, context);
    });
    context.progress({ rowsDone: written.rows, rowsTotal: written.rows, unit: "vectors" });
    return [written];
  });
};

interface MadeBy {
  readonly runDir: string;
  readonly fingerprint: readonly string[];
}

/** @throws `INPUT_INVALID` naming both sides when the run that made the vectors was one of other interactions */
async function refuseOtherData(
  db: Database,
  { subject, variant }: EncodeParams,
  { runDir, fingerprint }: MadeBy,
): Promise<void> {
  await mountFiles(db, "other_fingerprint", fingerprint);
  const [other] = await db.rows("select * from other_fingerprint");
  const [own] = await db.rows("select * from data_fingerprint");
  if (other?.["fingerprint"] === own?.["fingerprint"]) return;
  const said = (row: Row = {}): string =>
    `${String(row["rows"])} interactions of ${String(row["users"])} users with ${String(row["items"])} items`;
  throw faulty(
    `train.variants: ${variant}, ${subject}s: the run ${runDir} was made on other data: ${said(other)} there, ` +
      `${said(own)} here, or other ratings, labels or times; make the vectors again on the data of this run`,
  );
}

/** The view of the dictionary of another run, whose vectors are imported. */
const otherDictionary = "other_dictionary";

/**
 * Creates the views `given`, which is checked, and `embeddings`, which is written.
 *
 * @param hasDictionary - Whether the files hold numbers of {@link otherDictionary}, else ids of the source
 */
async function viewFiles(
  db: Database,
  { subject, variant }: EncodeParams,
  files: readonly string[],
  hasDictionary: boolean,
): Promise<void> {
  const source = plainParquet(files, { hasFileName: true, hasRowNumber: true });
  const columns = await columnsOf(db, source, files, [`${subject}_id`, "id"]);
  const ownId = `${subject}_id`;
  const id = columns.has(ownId) ? ownId : "id";
  const idType = columns.get(id);
  const vectorType = columns.get("vector");
  const known = [...columns.keys()].filter(
    (name) => !["filename", "file_row_number"].includes(name),
  );
  if (idType === undefined || vectorType === undefined) {
    throw faulty(
      `${files[0] ?? ""}: expected the columns ${ownId} (or id) and vector, found ${known.join(", ")}; rename them`,
    );
  }
  if (/[[(]/.test(idType) && !/^(DECIMAL|ENUM)\([^[]*\)$/.test(idType)) {
    throw faulty(`${files[0] ?? ""}: column ${id} is ${idType}; cast it to INTEGER or VARCHAR`);
  }
  if (!/^(FLOAT|DOUBLE)\[\d*\]$/.test(vectorType)) {
    throw faulty(`${files[0] ?? ""}: column vector is ${vectorType}; cast it to FLOAT[]`);
  }
  if (!hasDictionary) {
    const column = { column: quoteName(id), type: idType };
    await refuseLostIds(db, { from: source, ...column, text: `${files.join(", ")}: column ${id}` });
  }
  const text = hasDictionary
    ? sourceIdIn(otherDictionary, subject, quoteName(id))
    : idText(id, idType);
  await db.run(
    `create view numbered as select *, run_${subject}_id(${text}) as r4ec_number, ${text} as r4ec_text from ${source}`,
  );
  await db.run(
    `create view given as select filename as file, file_row_number + 1 as row, r4ec_text as id, r4ec_number as number,
       cast(vector as ${vectorType.replace(/\[.*/, "[]")}) as vector from numbered`,
  );
  // Other columns with the table's names, such as the encoder, are kept.
  const given: Readonly<Record<string, string>> = {
    variant: quote(variant),
    [ownId]: "r4ec_number",
    vector: "vector",
  };
  const unsaid: Readonly<Record<string, string>> = {
    encoder: quote(variant),
    origin: quote("file"),
  };
  const valueOf = ({ name, type }: Column): string =>
    given[name] ?? (columns.get(name) === type ? quoteName(name) : (unsaid[name] ?? "null"));
  const select = schemaOf(`${subject}_embeddings`).columns.map(
    (column) => `cast(${valueOf(column)} as ${column.type}) as ${quoteName(column.name)}`,
  );
  await db.run(
    `create view embeddings as select ${select.join(", ")} from numbered where r4ec_number is not null`,
  );
}

/** The columns of the files by name, which are those of the first. */
async function columnsOf(
  db: Database,
  source: string,
  files: readonly string[],
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const [first = "", ...others] = files;
  const known = await columnsOfFile(db, first);
  for (const file of others) {
    const columns = await columnsOfFile(db, file);
    for (const [name, type] of known) {
      const found = columns.get(name);
      if (found === undefined) {
        throw faulty(`${file} has no column ${name}, unlike ${first}; write the files alike`);
      }
      if (found !== type && ids.includes(name)) {
        throw faulty(
          `column ${name} of ${file} is ${found}, and that of ${first} ${type}; write them alike`,
        );
      }
    }
  }
  const columns = await describeQuery(db, `select * from ${source}`, {});
  return new Map(columns.map(({ name, type }) => [name, type]));
}

async function columnsOfFile(db: Database, path: string): Promise<ReadonlyMap<string, string>> {
  const columns = await describeQuery(db, `select * from ${plainParquet([path])}`, {}).catch(
    (error: unknown) => {
      throw unreadableFile(path, error);
    },
  );
  return new Map(columns.map(({ name, type }) => [name, type]));
}

const faultRow = z.object({
  fault: z.enum(["no id", "large id", "no vector", "width", "number", "duplicate"]),
  file: z.string(),
  row: z.number(),
  id: z.string().nullable(),
  width: z.number().nullable(),
  first_width: z.number().nullable(),
  bad_place: z.number().nullable(),
  bad_value: z.string().nullable(),
  first_file: z.string(),
  first_row: z.number(),
});

async function refuseFaults(
  db: Database,
  subject: EncodeParams["subject"],
  files: readonly string[],
  isNumbered: boolean,
): Promise<void> {
  const [found] = await db.rows(`select * from (\n${sqlFile("encode/import_faults")}\n) limit 1`, {
    is_numbered: isNumbered,
  });
  if (found !== undefined) throw faulty(faultText(subject, faultRow.parse(found)));
  const [counts] = await db.rows(sqlFile("encode/import_counts"));
  if (counts?.["rows"] === 0) {
    throw faulty(`${files.join(", ")}: there are no rows; write the vectors first`);
  }
  if (counts?.["known_rows"] === 0) {
    throw faulty(
      `${files.join(", ")}: none of the ${String(counts["rows"])} ids is ${subject === "user" ? "a user" : "an item"} of this run; ` +
        `ids must be those of the source, the first is "${String(counts["first_id"])}" (${String(counts["first_file"])}, row ${String(counts["first_row"])})`,
    );
  }
}

function faultText(subject: string, found: z.infer<typeof faultRow>): string {
  const { fault, id, width, bad_place: place, bad_value: value } = found;
  const where = `${found.file}, row ${found.row}`;
  switch (fault) {
    case "no id":
      return `${where}: there is no id; name the ${subject} or leave the row out`;
    case "large id":
      return `${where}: id ${String(id)} is no 32-bit integer; use the ids of the source`;
    case "no vector":
      return `${where}: ${subject} ${String(id)} has no vector; leave out the row of a ${subject} without one`;
    case "width":
      return (
        `${where}: the vector of ${subject} ${String(id)} has ${String(width)} numbers, the first vector has ` +
        `${String(found.first_width)}; encode all with one encoder`
      );
    case "number":
      return (
        `${where}: the vector of ${subject} ${String(id)} holds ${value ?? "null"} at place ${String(place)}; ` +
        "every number must be finite, encode this one again"
      );
    case "duplicate":
      return (
        `${where}: ${subject} ${String(id)} is there already, in ${found.first_file}, row ${found.first_row}; ` +
        "keep one of the two"
      );
  }
}

function faulty(message: string): FlowError {
  return new FlowError("INPUT_INVALID", message);
}
