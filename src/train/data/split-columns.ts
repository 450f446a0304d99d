import type { RecordBatch } from "apache-arrow";
import { FlowError } from "../../base/errors.ts";
import {
  float32Column,
  float32ListColumn,
  int32Column,
  int32ListColumn,
  int8Column,
} from "../../tables/arrow-columns.ts";
import { emptyArrays, sampleNames, type ArraysOf, type SampleName } from "../engine/model-inputs.ts";
import { createDenseIndex, type DenseIndex } from "./dense-index.ts";

/**
 * Rows of one split as dense columns: user, place, and the arrays of {@link modelInputs} that samples hold, with `n` rows instead of
 * `B`. Arrays may be longer than `n`.
 */
export interface SplitColumns extends ArraysOf<SampleName> {
  /** `n`. */
  readonly rows: number;
  /** Dense user, from 1. Shape `[n]`. */
  readonly users: Int32Array;
  /** Place in the user's order. Shape `[n]`. */
  readonly places: Int32Array;
}

/** Columns of zeros for rows with `history` events each. */
export function emptyColumns(rows: number, history: number, isWeighted = false): SplitColumns {
  return {
    rows,
    users: new Int32Array(rows),
    places: new Int32Array(rows),
    ...emptyArrays(sampleNames, rows, { history, isWeighted, attributeSlots: [] }),
  };
}

export interface RowReaderOptions {
  /** Index of item ids. */
  readonly items: DenseIndex;
  /** Index of user ids. */
  readonly users: DenseIndex;
  /** Distinct rating values, ascending, stars. */
  readonly ratings: readonly number[];
  /** `H`; longer histories keep their most recent events. */
  readonly history: number;
}

/** Writes a batch of `samples` into `columns`, from row `start` on. */
export type RowReader = (
  batch: RecordBatch,
  columns: SplitColumns,
  start: number,
  split: string,
) => void;

/**
 * A function that turns the ids of a batch with the columns of sql/train/split_rows.sql into dense ones.
 *
 * It throws `INPUT_INVALID` for a row with an item that is not in `items`.
 */
export function createRowReader({ items, users, ratings, history }: RowReaderOptions): RowReader {
  const ratingIndex = createRatingIndex(ratings);
  return (batch, columns, start, split) => {
    const userIds = int32Column(batch, "user_id");
    const itemIds = int32Column(batch, "item_id");
    const places = int32Column(batch, "rn");
    const events = int32ListColumn(batch, "history_items");
    const given = float32ListColumn(batch, "history_ratings");
    const givenBits = bitsOf(given.values);
    const denseItem = (id: number, row: number, role: string): number => {
      const dense = items.get(id);
      if (dense !== 0) return dense;
      throw unknownItem({ id, role, user: userIds[row] ?? 0, place: places[row] ?? 0, split });
    };
    columns.places.set(places, start);
    columns.labels.set(int8Column(batch, "label"), start);
    columns.weights?.set(float32Column(batch, "weight"), start);
    for (let row = 0; row < batch.numRows; row++) {
      const at = start + row;
      columns.users[at] = users.get(userIds[row] ?? 0);
      columns.items[at] = denseItem(itemIds[row] ?? 0, row, "the target");
      const end = events.offsets[row + 1] ?? 0;
      const kept = Math.min(history, end - (events.offsets[row] ?? 0));
      const ratingsEnd = given.offsets[row + 1] ?? 0;
      columns.historyLengths[at] = kept;
      for (let event = 0; event < kept; event++) {
        const back = kept - event;
        const id = events.values[end - back] ?? 0;
        columns.historyItems[at * history + event] = denseItem(id, row, "in the history");
        columns.historyRatings[at * history + event] = ratingIndex.get(
          givenBits[ratingsEnd - back] ?? 0,
        );
      }
      for (let event = kept; event < history; event++) {
        columns.historyItems[at * history + event] = 0;
        columns.historyRatings[at * history + event] = 0;
      }
    }
  };
}

/** Where an item that is not in the catalogue was found. */
interface UnknownItem {
  readonly id: number;
  /** "the target" or "in the history". */
  readonly role: string;
  readonly user: number;
  readonly place: number;
  readonly split: string;
}

/** The error for a sample with an item that is not in `items`. */
export function unknownItem({ id, role, user, place, split }: UnknownItem): FlowError {
  return new FlowError(
    "INPUT_INVALID",
    `samples: item ${id}, ${role} of user ${user} at place ${place} (${split}), ` +
      "is not in items; add it to the catalogue or drop its interactions",
  );
}

/**
 * Index of the bits of ratings as 32-bit floats, see {@link bitsOf}: equal ratings have equal bits, and integers are faster to look up
 * than floats.
 */
export function createRatingIndex(ratings: readonly number[]): DenseIndex {
  return createDenseIndex(bitsOf(Float32Array.from(ratings)));
}

/** The bits of floats as integers, without a copy. */
export function bitsOf({ buffer, byteOffset, length }: Float32Array): Int32Array {
  return new Int32Array(buffer, byteOffset, length);
}
