import { FlowError } from "../errors.ts";
import type { Database } from "../tables/database.ts";
import { readBatches } from "../tables/read-batches.ts";
import { sqlFile } from "../tables/sql-file.ts";
import { float32ListColumn, int32Column, int32ListColumn, int8Column } from "./arrow-columns.ts";
import { createDenseIndex, type DenseIndex } from "./dense-index.ts";
import { loadIds } from "./load-ids.ts";

/** The rows of one split, in the order (user id, place), as dense columns. `n` = rows, `H` = history length. */
export interface SplitColumns {
  readonly rows: number;
  /** Dense user, from 1. Shape `[n]`. */
  readonly users: Int32Array;
  /** Place in the user's order. Shape `[n]`. */
  readonly places: Int32Array;
  /** Dense item, from 1. Shape `[n]`. */
  readonly items: Int32Array;
  /** 0 or 1. Shape `[n]`. */
  readonly labels: Float32Array;
  /** Dense items, oldest first, padded on the right with 0. Shape `[n, H]`. */
  readonly historyItems: Int32Array;
  /** Dense ratings, from 1; 0 = padding. Shape `[n, H]`. */
  readonly historyRatings: Int32Array;
  /** Events in the history, 0 to H. Shape `[n]`. */
  readonly historyLengths: Int32Array;
}

/** All samples of a run. Every variant and seed gets these same rows in this same order. */
export interface SampleColumns {
  readonly users: DenseIndex;
  /** Distinct rating values, ascending; the dense rating is the place here, from 1. Stars. */
  readonly ratings: readonly number[];
  /** `H`, at least 1. */
  readonly history: number;
  readonly train: SplitColumns;
  readonly valid: SplitColumns;
  readonly test: SplitColumns;
}

export interface LoadSamplesOptions {
  /** Of item ids. */
  readonly items: DenseIndex;
  /** Most recent events kept of each history; "all" = as many as the longest history has. */
  readonly history: number | "all";
}

/**
 * Reads the view `samples` into typed arrays.
 *
 * @throws `INPUT_INVALID` when there are no train or no test rows, or when a row names an item that `items` lacks
 */
export async function loadSamples(
  db: Database,
  { items, history }: LoadSamplesOptions,
): Promise<SampleColumns> {
  const sizes = new Map<string, number>();
  let longest = 1;
  for (const row of await db.rows(sqlFile("train/split_sizes"))) {
    sizes.set(String(row["split"]), Number(row["rows"]));
    longest = Math.max(longest, Number(row["longest_history"] ?? 0));
  }
  for (const split of ["train", "test"]) {
    if (!sizes.has(split)) {
      throw new FlowError(
        "INPUT_INVALID",
        `samples: there are no ${split} rows; check the protocol's cut-offs against the dates of the data`,
      );
    }
  }
  const ratingRows = await db.rows(sqlFile("train/rating_values"));
  const ratings = ratingRows.map((row) => Number(row["rating"]));
  const width = history === "all" ? longest : history;
  const users = createDenseIndex(await loadIds(db, "train/user_ids", "user_id"));
  const load = (split: string): Promise<SplitColumns> =>
    loadSplit(db, split, sizes.get(split) ?? 0, { items, users, ratings, width });
  return {
    users,
    ratings,
    history: width,
    train: await load("train"),
    valid: await load("valid"),
    test: await load("test"),
  };
}

interface SplitOptions {
  readonly items: DenseIndex;
  readonly users: DenseIndex;
  readonly ratings: readonly number[];
  readonly width: number;
}

async function loadSplit(
  db: Database,
  split: string,
  rows: number,
  { items, users, ratings, width }: SplitOptions,
): Promise<SplitColumns> {
  const columns = emptyColumns(rows, width);
  if (rows === 0) return columns;
  const ratingIndex = createRatingIndex(ratings);
  let filled = 0;
  for await (const batch of readBatches(db, sqlFile("train/split_rows"), { params: { split } })) {
    const userIds = int32Column(batch, "user_id");
    const itemIds = int32Column(batch, "item_id");
    const places = int32Column(batch, "rn");
    const history = int32ListColumn(batch, "history_items");
    const given = float32ListColumn(batch, "history_ratings");
    const givenBits = bitsOf(given.values);
    const denseItem = (id: number, row: number, role: string): number => {
      const dense = items.get(id);
      if (dense !== 0) return dense;
      throw new FlowError(
        "INPUT_INVALID",
        `samples: item ${id}, ${role} of user ${userIds[row] ?? 0} at place ${places[row] ?? 0} (${split}), ` +
          "is not in items; add it to the catalogue or drop its interactions",
      );
    };
    columns.places.set(places, filled);
    columns.labels.set(int8Column(batch, "label"), filled);
    for (let row = 0; row < batch.numRows; row++) {
      const at = filled + row;
      columns.users[at] = users.get(userIds[row] ?? 0);
      columns.items[at] = denseItem(itemIds[row] ?? 0, row, "the target");
      const end = history.offsets[row + 1] ?? 0;
      const kept = Math.min(width, end - (history.offsets[row] ?? 0));
      const ratingsEnd = given.offsets[row + 1] ?? 0;
      columns.historyLengths[at] = kept;
      for (let event = 0; event < kept; event++) {
        const back = kept - event;
        const id = history.values[end - back] ?? 0;
        columns.historyItems[at * width + event] = denseItem(id, row, "in the history");
        columns.historyRatings[at * width + event] = ratingIndex.get(
          givenBits[ratingsEnd - back] ?? 0,
        );
      }
    }
    filled += batch.numRows;
  }
  if (filled !== rows) {
    throw new Error(`internal: expected ${rows} ${split} rows, the stream ended after ${filled}`);
  }
  return columns;
}

/** Columns for rows whose history holds `width` events, all zeros. */
export function emptyColumns(rows: number, width: number): SplitColumns {
  return {
    rows,
    users: new Int32Array(rows),
    places: new Int32Array(rows),
    items: new Int32Array(rows),
    labels: new Float32Array(rows),
    historyItems: new Int32Array(rows * width),
    historyRatings: new Int32Array(rows * width),
    historyLengths: new Int32Array(rows),
  };
}

/** Of the bits of ratings, see {@link bitsOf}: equal ratings have equal bits, and whole numbers are found faster than floats. */
export function createRatingIndex(ratings: readonly number[]): DenseIndex {
  return createDenseIndex(bitsOf(Float32Array.from(ratings)));
}

/** The numbers' bits, without a copy. */
export function bitsOf({ buffer, byteOffset, length }: Float32Array): Int32Array {
  return new Int32Array(buffer, byteOffset, length);
}
