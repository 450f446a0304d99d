import { z } from "zod";
import type { Catalog } from "../../flow/stage.ts";
import type { Database, Row } from "../../tables/database.ts";
import { paramValues } from "../sql/saved-params.ts";
import { findSavedQuery, savedQueries } from "../sql/saved-queries.ts";
import { requireTables } from "../stage-of-table.ts";
import { profileRows, type ProfileData } from "./profile-data.ts";

/** Time spans per figure: readable on a phone. */
const spans = 48;

/**
 * Runs the saved queries that a profile shows. They return aggregates only, whatever the size of the dataset.
 *
 * @param db - With the run's tables mounted under their names
 * @throws `RUN_INVALID` when there is no dataset yet; tables of later stages may be missing
 */
export async function collectProfile(db: Database, tables: Catalog): Promise<ProfileData> {
  const present = Object.keys(tables);
  const queries = savedQueries();
  requireTables("a profile", findSavedQuery(queries, "dataset").reads, present);

  const rowsOf = async <Schema extends z.ZodType<unknown, Row>>(
    name: string,
    row: Schema,
    given: readonly string[] = [],
  ): Promise<readonly z.infer<Schema>[] | null> => {
    const { sql, reads, params } = findSavedQuery(queries, name);
    if (!reads.every((table) => present.includes(table))) return null;
    return z.array(row).parse(await db.rows(sql, paramValues(name, params, given)));
  };
  const overTime = [`spans=${spans}`];
  return {
    dataset: await rowsOf("dataset", profileRows.dataset),
    ingest_steps: await rowsOf("ingest_steps", profileRows.ingest_steps),
    rejects: await rowsOf("rejects", profileRows.rejects),
    user_activity: await rowsOf("user_activity", profileRows.user_activity),
    item_popularity: await rowsOf("item_popularity", profileRows.item_popularity),
    popularity_concentration: await rowsOf(
      "popularity_concentration",
      profileRows.popularity_concentration,
    ),
    ratings: await rowsOf("ratings", profileRows.ratings),
    label_rate_over_time: await rowsOf(
      "label_rate_over_time",
      profileRows.label_rate_over_time,
      overTime,
    ),
    splits_over_time: await rowsOf("splits_over_time", profileRows.splits_over_time, overTime),
    splits: await rowsOf("splits", profileRows.splits),
    history_lengths: await rowsOf("history_lengths", profileRows.history_lengths),
    cold_start: await rowsOf("cold_start", profileRows.cold_start),
    context_coverage: await rowsOf("context_coverage", profileRows.context_coverage),
    attribute_values: await rowsOf("attribute_values", profileRows.attribute_values, ["top=8"]),
  };
}
