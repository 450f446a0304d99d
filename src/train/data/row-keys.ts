import type { RowPiece, RowPieces } from "./sample-split.ts";

/** The user, place and item of rows. Shape `[rows]` each. */
export interface RowKeys {
  /** Dense users, from 1. */
  readonly users: Int32Array;
  /** Places in the user's order. */
  readonly places: Int32Array;
  /** Dense items, from 1. */
  readonly items: Int32Array;
}

/** Keys of zeros for this many rows. */
export function emptyKeys(rows: number): RowKeys {
  return {
    users: new Int32Array(rows),
    places: new Int32Array(rows),
    items: new Int32Array(rows),
  };
}

/** Passes on pieces in their own order and copies their rows' keys into `keys`, which must have room for all of them. */
export async function* copyKeys(
  pieces: RowPieces,
  keys: RowKeys,
): AsyncGenerator<RowPiece, void> {
  let start = 0;
  for await (const piece of pieces) {
    const { rows, users, places, items } = piece.columns;
    keys.users.set(users.subarray(0, rows), start);
    keys.places.set(places.subarray(0, rows), start);
    keys.items.set(items.subarray(0, rows), start);
    start += rows;
    yield piece;
  }
}
