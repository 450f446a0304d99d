import type { RunTask, TaskContext, WrittenFile } from "../../../flow/task.ts";
import type { Database } from "../../../tables/database.ts";
import { writeQuery } from "../../../tables/write-query.ts";
import { isTypingOpen } from "../../sources/files/columns/find-typing.ts";
import { valueFormsQuery } from "../../sources/files/columns/value-forms.ts";
import { namingDamaged } from "../../sources/files/name-damaged.ts";
import {
  openRaw,
  rowsOfFiles,
  type RawInteractions,
} from "../../sources/files/open-interactions.ts";
import type { FilesSettings } from "../../sources/files/settings.ts";
import { fileStep } from "../../sources/files/stage-rows.ts";
import { groupOf, knownTypes, withSource, type TaskGroup } from "./with-source.ts";

/** Looks at what the ids and times of a group of files look like, and how its text files can be read: `ingest_forms`, `ingest_files`. */
export const survey: RunTask = (task, context) =>
  withSource(task, context, async (db, { settings, files: all }) => {
    const group = groupOf(task, all);
    const known = { types: await knownTypes(db) };
    const raw = await openRaw(db, { files: group.files, settings, site: context, known });
    return namingDamaged(db, "source_raw", raw.opened, async () => [
      await writeForms(db, { group, raw, settings }, context),
      await writeFiles(db, { group, raw, settings }, context),
    ]);
  });

interface Surveyed {
  readonly group: TaskGroup;
  readonly raw: RawInteractions;
  readonly settings: FilesSettings;
}

async function writeForms(
  db: Database,
  { group: { from }, raw, settings }: Surveyed,
  context: TaskContext,
): Promise<WrittenFile> {
  const { sql, params } = await valueFormsQuery(db, { ...raw, settings, nowMs: Date.now() });
  const atRow = (name: string): string => `cast(${name} + ${from * fileStep} as bigint) as ${name}`;
  const forms =
    `select ${from}::integer as first_file, * replace (${["first_row", "first_user", "first_item"].map(atRow).join(", ")}) ` +
    `from (\n${sql}\n) where ${String(isTypingOpen(settings, raw.roles))}`;
  return writeQuery(db, "ingest_forms", forms, params, context);
}

async function writeFiles(
  db: Database,
  { group: { from }, raw: { opened, rows }, settings }: Surveyed,
  context: TaskContext,
): Promise<WrittenFile> {
  const { text } = opened;
  const isKnown = text !== undefined || settings.columns.timeUnit === "order";
  const counts = isKnown ? await rowsOfFiles(db, opened, rows) : [];
  const values = counts.map(
    (count, k) => `(${from + k}, ${count}, ${String(text?.known[k]?.isRewritten ?? false)})`,
  );
  const list = ["(null, null, null)", ...values].join(", ");
  const sql =
    "select file_index::integer as file_index, rows::bigint as rows, is_rewritten::boolean as is_rewritten " +
    `from (values ${list}) as files(file_index, rows, is_rewritten) where file_index is not null`;
  return writeQuery(db, "ingest_files", sql, {}, context);
}
