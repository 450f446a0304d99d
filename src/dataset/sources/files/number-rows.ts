import { subjects, type Subject } from "../../../base/terms.ts";
import type { Database } from "../../../tables/database.ts";
import { sqlFile } from "../../../tables/sql-file.ts";
import type { SourceSite } from "../source.ts";
import { createView } from "./create-view.ts";
import type { ColumnReadings } from "./columns/find-typing.ts";
import type { FilesSettings } from "./settings.ts";
import { stageRows } from "./stage-rows.ts";

/**
 * Selects the valid rows of the sampled users: the view `source_sampled(user_id, item_id, rating, ts, file_row)`, with `weight` where
 * there is one.
 *
 * @param rows - Number of valid rows
 * @param kept - Further columns of the view
 * @returns Number of rows left out
 */
export async function sampleUsers(
  db: Database,
  { columns, sampleUsers: sample }: Pick<FilesSettings, "columns" | "sampleUsers">,
  rows: number,
  kept: readonly KeptColumn[] = [],
): Promise<number> {
  const weight = columns.weight === undefined ? [] : ["weight"];
  const names = ["user_id", "item_id", "rating", "ts", ...weight, "file_row", ...kept].join(", ");
  const isSampled = sample !== undefined && sample.share < 1;
  await db.run(
    `create or replace view ${isSampled ? "source_valid" : "source_sampled"} as ` +
      `select ${names} from source_checked where reason is null`,
  );
  if (!isSampled) return 0;
  await createView(db, "source_sampled", "source/sampled_rows", sample);
  const [left] = await db.rows("select count(*) as rows from source_sampled");
  return rows - Number(left?.["rows"]);
}

/** Reason for leaving out a row of a user who is not in the sample. */
export const notSampled = "not of the sample";

/** Columns of `source_checked` that sampled rows keep besides their values. */
export type KeptColumn = "line" | "content";

/**
 * Gives every row of `source_sampled` integer ids: the view `source_rows` with the same columns, and the tables `user_dictionary` and
 * `item_dictionary`, empty where ids are integers already.
 *
 * @param isStaged - Writes the rows to `site.tempDir`, because they are read several times or costly to read; else the view reads the
 *   files
 */
export async function numberRows(
  db: Database,
  typing: Pick<ColumnReadings, "user" | "item">,
  isStaged: boolean,
  site: SourceSite,
): Promise<void> {
  for (const side of subjects) await makeDictionary(db, side, typing);
  await joinDictionaries(db, typing, isStaged, site);
}

/** Creates the dictionary of the ids of `source_sampled`, empty where they are integers. */
export async function makeDictionary(
  db: Database,
  side: Subject,
  typing: Pick<ColumnReadings, "user" | "item">,
): Promise<void> {
  const select = sqlFile(`source/${side}_dictionary`);
  const none = `select null::integer as ${side}_id, null::varchar as source_id where false`;
  await db.run(
    `create or replace table ${side}_dictionary as ${typing[side] === "dictionary" ? select : none}`,
  );
}

/** Replaces the ids of `source_sampled` by their numbers in the dictionaries, where there are any: the view `source_rows`. */
export async function joinDictionaries(
  db: Database,
  typing: Pick<ColumnReadings, "user" | "item">,
  isStaged: boolean,
  site: SourceSite,
): Promise<void> {
  const isNumbered = (side: Subject): boolean => typing[side] === "dictionary";
  const idOf = (side: Subject): string =>
    isNumbered(side) ? `${side}_dictionary.${side}_id` : `source_sampled.${side}_id`;
  const joins = subjects
    .filter(isNumbered)
    .map(
      (side) =>
        `inner join ${side}_dictionary on source_sampled.${side}_id = ${side}_dictionary.source_id`,
    );
  const ids = subjects.map((side) => `${idOf(side)} as ${side}_id`);
  const select = `select source_sampled.* replace (${ids.join(", ")}) from source_sampled ${joins.join(" ")}`;
  if (!isStaged) {
    await db.run(`create or replace view source_rows as ${select}`);
    return;
  }
  await stageRows(db, "source_rows", select, site);
}
