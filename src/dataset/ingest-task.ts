import { z } from "zod";
import { FlowError } from "../errors.ts";
import type { RunTask } from "../flow/task.ts";
import { allEnded } from "../tables/all-ended.ts";
import { openDatabase, type Database, type Row } from "../tables/database.ts";
import { sqlFile } from "../tables/sql-file.ts";
import { writeQuery } from "../tables/write-query.ts";
import { datasetSettings, type DatasetSettings } from "./settings.ts";
import type { LoadSource, SourceRows } from "./source.ts";

const ingestConfig = z.object({ dataset: datasetSettings });

/**
 * Reads the source into `interactions`, `items` and `users`.
 *
 * @throws `INPUT_INVALID` for a faulty line, a duplicate event, or a rated item without metadata; nothing is committed then
 */
export const ingest: RunTask = async (task, context) => {
  const { dataset } = ingestConfig.parse(task.config);
  const db = await openDatabase(context);
  try {
    // File order is part of the data: some protocols break ties by it.
    await db.run("set preserve_insertion_order = true");
    context.progress({ rowsDone: 0, unit: "rows", detail: { doing: "reading" } });
    const source = await (await loaderOf(dataset))(db);
    context.signal.throwIfAborted();
    const { positiveAbove: positive_above } = dataset;
    const interactions = sqlFile("ingest/interactions");
    const writes = allEnded([
      writeQuery(db, "interactions", interactions, { positive_above }, context, { isSorted: true }),
      writeQuery(db, "items", "select * from source_items", {}, context),
      writeQuery(db, "users", sqlFile("ingest/users"), {}, context),
    ]);
    // Checked while the tables are being written, which each take a core of their own; a fault voids what is written.
    const checked = refuseDuplicates(db, source).then(() => refuseUnknownItems(db, source));
    const [, written] = await allEnded([checked, writes]);
    return written;
  } finally {
    db.close();
  }
};

/** Loads the code of the one source that is asked for. */
async function loaderOf(dataset: DatasetSettings): Promise<LoadSource> {
  switch (dataset.source) {
    case "quickstart":
      return (await import("./load-simulated.ts")).loadSimulated(dataset);
    case "movielens":
      return (await import("./movielens/load-movielens.ts")).loadMovielens(dataset);
  }
}

async function refuseDuplicates(db: Database, source: SourceRows): Promise<void> {
  // Cheap test first: when no user rates an item twice, no event can occur twice.
  const [pairs] = await db.rows(
    "select count(*) = count(distinct (user_id::bigint << 32) | item_id) as are_distinct from source_interactions",
  );
  if (pairs?.["are_distinct"] === true) return;
  const found = await db.rows(sqlFile("ingest/duplicates"), { first_line: source.firstLine });
  refuse(
    source,
    found,
    ({ user_id, item_id, first_line, last_line }) =>
      `line ${String(last_line)} repeats line ${String(first_line)}: user ${String(user_id)}, item ${String(item_id)}, same time`,
    "Every (user, item, time) may occur once; remove the repetitions.",
  );
}

async function refuseUnknownItems(db: Database, source: SourceRows): Promise<void> {
  const found = await db.rows(sqlFile("ingest/unknown_items"), { first_line: source.firstLine });
  refuse(
    source,
    found,
    ({ item_id, first_line, ratings }) =>
      `line ${String(first_line)}: item ${String(item_id)} (${String(ratings)} ratings) has no metadata`,
    "Add the items to the item file, or remove their ratings.",
  );
}

function refuse(
  source: SourceRows,
  rows: readonly Row[],
  describe: (row: Row) => string,
  cure: string,
): void {
  if (rows.length === 0) return;
  const lines = rows.map((row) => `  ${describe(row)}`);
  throw new FlowError("INPUT_INVALID", `${source.name}:\n${lines.join("\n")}\n${cure}`);
}
