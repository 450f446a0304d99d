import type { Batch } from "../engine/engine.ts";
import {
  batchNames,
  emptyArrays,
  joinedNames,
  sampleNames,
  type JoinedName,
} from "../engine/model-inputs.ts";
import { rowSizes, type ModelFeatures } from "./row-sizes.ts";
import type { RowPiece, RowPieces } from "./sample-split.ts";

export interface BatcherOptions extends ModelFeatures {
  /** `B`. */
  readonly batchSize: number;
}

/** Cuts rows into mini-batches. The one {@link Batch} is reused: training allocates nothing. */
export interface Batcher {
  /** The rows in batches of `B`, the last one shorter; a batch may span pieces. */
  readonly batches: (pieces: RowPieces) => AsyncGenerator<Batch, void>;
}

/** Where a joined array's values come from: `table` has a row per dense id; row 0 is for unknown ids. */
interface Lookup {
  /** Absent if the model has no such array. */
  readonly table: Int32Array | Float32Array | undefined;
  /** The column that holds the ids. */
  readonly by: "users" | "items" | "historyItems";
}

function lookupsOf({
  items: { attributes },
  userFeatures,
  knowledge,
}: ModelFeatures): Readonly<Record<JoinedName, Lookup>> {
  return {
    attributes: { table: attributes, by: "items" },
    historyAttributes: { table: attributes, by: "historyItems" },
    userFeatures: { table: userFeatures?.ids, by: "users" },
    userVectors: { table: knowledge?.user?.values, by: "users" },
    itemVectors: { table: knowledge?.item?.values, by: "items" },
  };
}

export function createBatcher(options: BatcherOptions): Batcher {
  const { batchSize, history } = options;
  const batch: Batch = { size: 0, ...emptyArrays(batchNames, batchSize, rowSizes(options)) };
  const users = new Int32Array(batchSize);
  const copied = sampleNames.flatMap((name) => {
    const target = batch[name];
    return target === undefined ? [] : [{ name, target, width: target.length / batchSize }];
  });
  const lookups = lookupsOf(options);
  const joined = joinedNames.flatMap((name) => {
    const target = batch[name];
    const { table, by } = lookups[name];
    if (target === undefined || table === undefined) return [];
    const keys = by === "users" ? users : batch[by];
    const keysPerRow = by === "historyItems" ? history : 1;
    return [{ table, keys, keysPerRow, target, width: target.length / keys.length }];
  });

  /** Copies the rows at `places` of a piece's order into the batch, from row `at` on. */
  function fill({ columns, order }: RowPiece, places: Range, at: number): void {
    for (const { name, target, width } of copied) {
      const source = columns[name];
      if (source !== undefined) copyRows({ source, rows: order, width, target }, places, at);
    }
    copyRows({ source: columns.users, rows: order, width: 1, target: users }, places, at);
    const count = places.end - places.start;
    for (const { table, keys, keysPerRow, target, width } of joined) {
      const filled = { start: at * keysPerRow, end: (at + count) * keysPerRow };
      copyRows({ source: table, rows: keys, width, target }, filled, filled.start);
    }
  }

  return {
    async *batches(pieces) {
      let filled = 0;
      for await (const piece of pieces) {
        const rows = piece.order?.length ?? piece.columns.rows;
        for (let start = 0; start < rows;) {
          const end = Math.min(rows, start + batchSize - filled);
          fill(piece, { start, end }, filled);
          filled += end - start;
          start = end;
          if (filled < batchSize) continue;
          batch.size = filled;
          yield batch;
          filled = 0;
        }
      }
      if (filled > 0) {
        batch.size = filled;
        yield batch;
      }
    },
  };
}

/** From `start` up to `end`, the end excluded. */
interface Range {
  readonly start: number;
  readonly end: number;
}

interface RowCopy {
  readonly source: Int32Array | Float32Array;
  /** The row of `source` to copy for each place; absent = the place itself. */
  readonly rows: Uint32Array | Int32Array | undefined;
  /** Numbers per row. */
  readonly width: number;
  readonly target: Int32Array | Float32Array;
}

/** Copies the rows at these places into the target, from row `at` on. */
function copyRows({ source, rows, width, target }: RowCopy, { start, end }: Range, at: number): void {
  let to = at * width;
  for (let place = start; place < end; place++) {
    let from = (rows === undefined ? place : (rows[place] ?? 0)) * width;
    if (width > setFrom) {
      target.set(source.subarray(from, from + width), to);
      to += width;
    } else {
      for (let column = 0; column < width; column++) target[to++] = source[from++] ?? 0;
    }
  }
}

/** Above this width `set` is faster than a loop, although it needs a view. */
const setFrom = 24;
