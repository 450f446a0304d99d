import { FlowError } from "../../base/errors.ts";
import type { Database } from "../../tables/database.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { createDenseIndex } from "./dense-index.ts";
import { loadIds } from "./load-ids.ts";
import { splitNames, type SplitSize } from "./sample-split.ts";
import type { SampleFacts } from "./samples.ts";

/** How many rows there are. */
export interface SplitSizes extends Pick<SampleFacts, "sizes" | "isWeighted"> {
  /** Events of the longest history, at least 1. */
  readonly longest: number;
}

/**
 * Reads the {@link SampleFacts} of the view `samples`.
 *
 * @param history - How many of the most recent events to keep; "all" = as many as the longest history has
 * @throws `INPUT_INVALID` if there are no train rows or no test rows, or if all train rows have weight 0
 */
export async function loadSampleFacts(db: Database, history: number | "all"): Promise<SampleFacts> {
  const { sizes, isWeighted, longest } = await loadSplitSizes(db);
  for (const split of ["train", "test"] as const) {
    if (sizes[split].rows === 0) {
      throw new FlowError(
        "INPUT_INVALID",
        `samples: there are no ${split} rows; check the protocol's cut-offs against the dates of the data`,
      );
    }
  }
  const ratings = await db.rows(sqlFile("train/rating_values"));
  return {
    users: createDenseIndex(await loadIds(db, "train/user_ids", "user_id")),
    ratings: ratings.map((row) => Number(row["rating"])),
    history: history === "all" ? longest : history,
    isWeighted,
    sizes,
  };
}

/**
 * Counts the rows of the view `samples`.
 *
 * @throws `INPUT_INVALID` if all train rows have weight 0
 */
export async function loadSplitSizes(db: Database): Promise<SplitSizes> {
  const sizes = { train: none, valid: none, test: none };
  let isWeighted = false;
  let longest = 1;
  for (const row of await db.rows(sqlFile("train/split_sizes"))) {
    const split = splitNames.find((name) => name === row["split"]);
    if (split === undefined) continue;
    sizes[split] = { rows: Number(row["rows"]), positives: Number(row["sum_label"]) };
    isWeighted = "sum_weight" in row;
    if (split === "train" && row["sum_weight"] === 0) throw allWeightsZero();
    longest = Math.max(longest, Number(row["longest_history"] ?? 0));
  }
  return { sizes, isWeighted, longest };
}

function allWeightsZero(): FlowError {
  return new FlowError(
    "INPUT_INVALID",
    "samples: all train rows have weight 0, so there is nothing to train on; check dataset.columns.weight",
  );
}

const none: SplitSize = { rows: 0, positives: 0 };
