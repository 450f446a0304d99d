import type { RunTask } from "../../../flow/task.ts";
import { dictionaryOf, defineSourceIds } from "../../../tables/source-ids/source-ids.ts";
import { sqlFile } from "../../../tables/sql-file.ts";
import { writeQuery } from "../../../tables/write-query.ts";
import { makeCounts, refuseNothingLeft } from "../../sources/files/row-ledger.ts";
import { longItem, requireAllRows } from "../ingest-task.ts";
import { refuseRepeats } from "../refuse-duplicates.ts";
import { rowNames } from "./name-row.ts";
import { ledgerIn, readTallies } from "./tallies.ts";
import { knownTypes, withSource } from "./with-source.ts";

/**
 * Writes `items` and `ingest_counts`, once all buckets are written.
 *
 * @throws `INPUT_INVALID` if no interactions are left, or if an event occurs twice
 */
export const items: RunTask = (task, context) =>
  withSource(task, context, async (db, { settings, files, name }) => {
    const ledger = ledgerIn(await readTallies(db));
    refuseNothingLeft(name, ledger);
    await defineSourceIds(db, {
      user: (task.inputs[dictionaryOf("user")] ?? []).length > 0,
      item: (task.inputs[dictionaryOf("item")] ?? []).length > 0,
    });
    const repeats = await db.rows("from ingest_repeats order by last_line limit 3");
    const types = await knownTypes(db);
    const describeRow = rowNames(db, { settings, files: files.interactions, types, site: context });
    await refuseRepeats(db, { name, describeRow }, repeats);
    requireAllRows({ accountedRows: ledger.left() }, task.inputs["interactions"] ?? []);
    await db.run("create or replace view source_interactions as from ingest_kept_items");
    await db.run("create or replace view catalogue as from ingest_item_metadata");
    await db.run(`create or replace table source_items as ${sqlFile("source/items")}`);
    await makeCounts(db, ledger.lines());
    return [
      await writeQuery(db, "items", "select * from source_items", {}, context),
      await writeQuery(db, "ingest_counts", sqlFile("ingest/counts"), { most: longItem }, context),
    ];
  });
