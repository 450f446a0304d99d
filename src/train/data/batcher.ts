import type { Batch } from "../engine/engine.ts";
import {
  batchNames,
  emptyArrays,
  joinedNames,
  sampleNames,
  type JoinedName,
} from "../engine/model-inputs.ts";
import { rowSizes, type ModelFeatures } from "./row-sizes.ts";
import type { RowPieces } from "./sample-split.ts";
import type { SplitColumns } from "./split-columns.ts";

export interface BatcherOptions extends ModelFeatures {
  /** `B`. */
  readonly batchSize: number;
}

/** Cuts rows into mini-batches. There is one {@link Batch}, filled again each time; nothing is allocated while training. */
export interface Batcher {
  /** The rows in batches of `B`, the last one shorter; a batch may hold the end of one piece and the start of the next. */
  readonly batches: (pieces: RowPieces) => AsyncGenerator<Batch, void>;
}

/** Where a joined array's values lie: a row of `table` for each dense id, row 0 for unknown. */
interface Lookup {
  /** Absent where the model has no such array. */
  readonly table: Int32Array | Float32Array | undefined;
  /** The column with the ids. */
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
  const copied = sampleNames.flatMap((name) => {
    const target = batch[name];
    return target === undefined ? [] : [{ name, target, width: target.length / batchSize }];
  });
  const lookups = lookupsOf(options);
  const joined = joinedNames.flatMap((name) => {
    const target = batch[name];
    const { table, by } = lookups[name];
    if (target === undefined || table === undefined) return [];
    const ids = by === "historyItems" ? history : 1;
    return [{ table, by, target, ids, width: target.length / (batchSize * ids) }];
  });

  function copyRow(split: SplitColumns, row: number, at: number): void {
    for (const { name, target, width } of copied) {
      const source = split[name];
      if (source === undefined) continue;
      if (width === 1) target[at] = source[row] ?? 0;
      else target.set(source.subarray(row * width, (row + 1) * width), at * width);
    }
    for (const { table, by, target, ids, width } of joined) {
      for (let place = 0; place < ids; place++) {
        const id = split[by][row * ids + place] ?? 0;
        copyNumbers(table, id * width, target, (at * ids + place) * width, width);
      }
    }
  }

  return {
    async *batches(pieces) {
      let filled = 0;
      for await (const { columns, order } of pieces) {
        const rows = order?.length ?? columns.rows;
        for (let place = 0; place < rows; place++) {
          copyRow(columns, order === undefined ? place : (order[place] ?? 0), filled);
          filled += 1;
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

/** Copies `count` numbers; a loop is faster than `set` for few. */
function copyNumbers(
  source: Int32Array | Float32Array,
  from: number,
  target: Int32Array | Float32Array,
  to: number,
  count: number,
): void {
  if (count > 16) {
    target.set(source.subarray(from, from + count), to);
    return;
  }
  for (let place = 0; place < count; place++) target[to + place] = source[from + place] ?? 0;
}
