import { subjects } from "../../../base/terms.ts";
import type { TaskContext, TaskSpec } from "../../../flow/task.ts";
import type { Database } from "../../../tables/database.ts";
import {
  dropDuplicates,
  dropsRows,
  dropUnknownItems,
  makeRejects,
  namesDropped,
} from "../../sources/files/drop-rows.ts";
import { usesDictionary, type ColumnReadings } from "../../sources/files/columns/find-typing.ts";
import { addRejects } from "../../sources/files/bad-rows.ts";
import { joinDictionaries } from "../../sources/files/number-rows.ts";
import { fileStep } from "../../sources/files/stage-rows.ts";
import { sqlFile } from "../../../tables/sql-file.ts";
import type { Tally } from "./tallies.ts";
import type { TaskSource } from "./with-source.ts";

/** Whether a task's interactions were written when the files were read: all valid rows are kept, and their ids are integers. */
export function isDirect({ inputs }: TaskSpec): boolean {
  return (inputs["interactions"] ?? []).length > 0;
}

/**
 * Loads the rows of a bucket of users with the run's ids, without those whose item is unknown and repeated ones: the view
 * `source_events`, and the rows left out in `source_rejects`.
 *
 * @param db - With `ingest_rows`, `ingest_item_metadata` and the dictionaries mounted
 * @returns The rows left out, counted
 */
export async function loadBucket(
  db: Database,
  task: TaskSpec,
  { settings, files }: TaskSource,
  context: TaskContext,
): Promise<readonly Tally[]> {
  await makeRejects(db);
  if (isDirect(task)) {
    await db.run("create or replace view source_events as from interactions");
    return [];
  }
  const typing = typingOf(task);
  const named = subjects.flatMap((side) =>
    typing[side] === "dictionary" ? [`${side}_source as ${side}_id`] : [],
  );
  const numbered = subjects.filter((side) => typing[side] === "dictionary");
  const others = numbered.map((side) => `${side}_source`);
  const rest = others.length === 0 ? "*" : `* exclude (${others.join(", ")})`;
  const read = `select ${[...named, rest].join(", ")} from ingest_rows`;
  await db.run(
    `create or replace view source_sampled as select ${namesDropped(settings) ? "* exclude (line, content)" : "*"} from (${read})`,
  );
  await joinDictionaries(db, typing, usesDictionary(typing) && dropsRows(settings), context);
  await db.run("create or replace view catalogue as from ingest_item_metadata");
  const [counted] = await db.rows("select count(*) as rows from ingest_rows");
  const unknown = await dropUnknownItems(db, settings);
  const rows = Number(counted?.["rows"]) - unknown;
  const repeats = await dropDuplicates(db, settings, rows);
  if (unknown + repeats > 0) {
    await db.run(
      `create or replace view source_checked as select file_row, file_row // ${fileStep} as file_index, line, content from ingest_rows`,
    );
    const opened = { files: files.interactions };
    await addRejects(db, sqlFile("source/dropped_rows"), "interactions", opened);
  }
  return [
    { fact: "no metadata", value: "", rows: unknown },
    { fact: "duplicate", value: "", rows: repeats },
  ];
}

function typingOf({ inputs }: TaskSpec): Pick<ColumnReadings, "user" | "item"> {
  const kindOf = (table: string) => (inputs[table]?.length ? "dictionary" : "integer");
  return { user: kindOf("user_dictionary"), item: kindOf("item_dictionary") };
}
