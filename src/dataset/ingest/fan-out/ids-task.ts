import { subjects } from "../../../base/terms.ts";
import type { RunTask, TaskContext, WrittenFile } from "../../../flow/task.ts";
import type { Database } from "../../../tables/database.ts";
import { nameDamagedFile } from "../../../tables/files/name-damaged-file.ts";
import { refuseFullDisk } from "../../../tables/refuse-full-disk.ts";
import { writeQuery } from "../../../tables/write-query.ts";
import type { ColumnReadings } from "../../sources/files/columns/find-typing.ts";
import { makeRejects } from "../../sources/files/drop-rows.ts";
import { loadCatalogue, loadUsers } from "../../sources/files/metadata/load-catalogue.ts";
import { refuseUnknownItems } from "../../sources/files/metadata/refuse-unknown-items.ts";
import { makeDictionary } from "../../sources/files/number-rows.ts";
import { refuseNothingLeft } from "../../sources/files/row-ledger.ts";
import { diskNeed } from "../disk-need.ts";
import { rowNames } from "./name-row.ts";
import { refuseWhole } from "./refuse-whole.ts";
import { ledgerIn, readTallies } from "./tallies.ts";
import { foundTyping, knownTypes, withSource, type TaskSource } from "./with-source.ts";

type IdKinds = Pick<ColumnReadings, "user" | "item">;

/**
 * Decides by the counts of all groups whether the run goes on, numbers the ids that are texts, and reads the metadata of items and users.
 *
 * @throws `INPUT_INVALID` for data that the settings do not allow; `OUTPUT_FAILED` when the disk is too full for the run
 */
export const ids: RunTask = (task, context) =>
  withSource(task, context, async (db, source) => {
    const { settings, files } = source;
    const tallies = await readTallies(db);
    await refuseWhole(db, source, tallies, context);
    const ledger = ledgerIn(tallies);
    refuseNothingLeft(source.name, ledger);
    const rows = ledger.left();
    const what = `a run on ${rows.toLocaleString("en")} interactions`;
    await refuseFullDisk(context.runDir, diskNeed(rows, source.history), what);
    const kindOf = settings.ids === "auto" ? "integer" : settings.ids;
    const typing = (await foundTyping(db, task)) ?? { user: kindOf, item: kindOf };
    const all = [...files.items, ...files.users];
    const parquet = all.filter(({ format, bytes }) => format === "parquet" && bytes !== null);
    const paths = parquet.map(({ path }) => path);
    return nameDamagedFile(db, paths, () => writeNumbered(db, source, typing, context));
  });

async function writeNumbered(
  db: Database,
  source: TaskSource,
  typing: IdKinds,
  context: TaskContext,
): Promise<readonly WrittenFile[]> {
  const { settings, forms, files } = source;
  const { csv, missingValues } = settings;
  await makeRejects(db);
  const written: WrittenFile[] = [];
  const write = async (table: string, sql: string): Promise<void> => {
    written.push(await writeQuery(db, table, sql, {}, context));
  };
  for (const side of subjects) {
    if (typing[side] === "dictionary") {
      await db.run(
        `create or replace view source_sampled as select ${side}_source as ${side}_id from ingest_${side}_ids`,
      );
    }
    await makeDictionary(db, side, typing);
    if (typing[side] === "dictionary") {
      await write(`${side}_dictionary`, `select * from ${side}_dictionary`);
    }
  }
  const metadata = { csv, missingValues, site: context, ...forms };
  await loadCatalogue(db, settings, { ...metadata, files: files.items, kind: typing.item });
  if (settings.items?.missing === "error") await requireItems(db, source, typing, context);
  await loadUsers(db, settings, { ...metadata, files: files.users, kind: typing.user });
  await write("ingest_item_metadata", "select * from catalogue");
  await write("ingest_user_metadata", "select * from source_users");
  await write("rejects", "select * from source_rejects");
  return written;
}

/** @throws `INPUT_INVALID` for items that are not in the item file */
async function requireItems(
  db: Database,
  { settings, files }: TaskSource,
  typing: IdKinds,
  context: TaskContext,
): Promise<void> {
  const rows =
    typing.item === "dictionary"
      ? "ingest_item_ids inner join item_dictionary on item_source = source_id"
      : "ingest_item_ids";
  const item = typing.item === "dictionary" ? "item_dictionary.item_id" : "item_id";
  await db.run(
    `create or replace view source_item_rows as select ${item}, first_row, rows from ${rows}`,
  );
  const types = await knownTypes(db);
  const site = context;
  await refuseUnknownItems(db, rowNames(db, { settings, files: files.interactions, types, site }));
}
