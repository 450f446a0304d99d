import type { RecordBatch } from "apache-arrow";
import {
  float32ListColumn,
  float64Column,
  int32Column,
  int32ListColumn,
  int8Column,
} from "../../tables/arrow-columns.ts";
import type { DenseIndex } from "../data/dense-index.ts";
import {
  bitsOf,
  createRatingIndex,
  emptyColumns,
  type SplitColumns,
} from "../data/split-columns.ts";
import type { UserEvents } from "./user-events.ts";

export interface DenseRowsOptions {
  readonly users: DenseIndex;
  readonly items: DenseIndex;
  /** Distinct rating values that the model knows, ascending, stars. */
  readonly ratings: readonly number[];
  /** `H`. */
  readonly history: number;
  /** Histories for rows without their own; absent if all rows bring one. */
  readonly events: UserEvents | undefined;
  /** Whether the model has user features or vectors; otherwise users only matter for histories that rows do not bring. */
  readonly hasUserInputs: boolean;
  /** Called for each row whose item the model does not know, with the row's index in the batch. */
  readonly onUnknownItem: (row: number) => void;
  /** Called for each row whose user matters but is unknown to the run. */
  readonly onUnknownUser: (row: number) => void;
  /** Called per row with the number of history events left out because the model does not know their item or rating. */
  readonly onLeftOut: (events: number) => void;
}

/**
 * A function from a batch of `score/rows` to dense columns for the batcher. Unknown users and items get id 0; unknown events are left
 * out of the history, which then reaches further back.
 */
export function denseRows(options: DenseRowsOptions): (batch: RecordBatch) => SplitColumns {
  const { users, items, history, events, onLeftOut } = options;
  const ratingIndex = createRatingIndex(options.ratings);

  /** Fills a row's history with the last known events in `start` to `end`, the end excluded. */
  function fillHistory(
    columns: SplitColumns,
    row: number,
    { itemIds, ratingBits }: { readonly itemIds: Int32Array; readonly ratingBits: Int32Array },
    { start, end }: { readonly start: number; readonly end: number },
  ): void {
    const known: number[] = [];
    let at = end;
    while (at > start && known.length < history) {
      at -= 1;
      if (items.get(itemIds[at] ?? 0) !== 0 && ratingIndex.get(ratingBits[at] ?? 0) !== 0)
        known.push(at);
    }
    known.reverse().forEach((event, place) => {
      columns.historyItems[row * history + place] = items.get(itemIds[event] ?? 0);
      columns.historyRatings[row * history + place] = ratingIndex.get(ratingBits[event] ?? 0);
    });
    columns.historyLengths[row] = known.length;
    onLeftOut(end - at - known.length);
  }

  return (batch) => {
    const columns = emptyColumns(batch.numRows, history);
    const userIds = int32Column(batch, "user_id");
    const itemIds = int32Column(batch, "item_id");
    const hasHistory = int8Column(batch, "has_history");
    const before = float64Column(batch, "before_us");
    const given = int32ListColumn(batch, "history_items");
    const givenRatings = float32ListColumn(batch, "history_ratings");
    const fromRow = { itemIds: given.values, ratingBits: bitsOf(givenRatings.values) };
    const fromEvents = events && { itemIds: events.items, ratingBits: bitsOf(events.ratings) };
    for (let row = 0; row < batch.numRows; row++) {
      const userId = userIds[row] ?? 0;
      const itemId = itemIds[row] ?? 0;
      columns.users[row] = users.get(userId);
      columns.items[row] = items.get(itemId);
      if (columns.items[row] === 0) options.onUnknownItem(row);
      const isKnown = columns.users[row] !== 0 || (events?.users.get(userId) ?? 0) !== 0;
      const isNeeded = options.hasUserInputs || hasHistory[row] !== 1;
      if (isNeeded && !isKnown) options.onUnknownUser(row);
      if (hasHistory[row] === 1) {
        const [start = 0, end = 0] = given.offsets.subarray(row, row + 2);
        fillHistory(columns, row, fromRow, { start, end });
      } else if (events && fromEvents) {
        fillHistory(columns, row, fromEvents, events.before(userId, before[row] ?? Infinity));
      }
    }
    return columns;
  };
}
