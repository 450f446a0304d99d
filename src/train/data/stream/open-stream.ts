import { join } from "node:path";
import { z } from "zod";
import type { TaskContext } from "../../../flow/task.ts";
import { openDatabase, type Database } from "../../../tables/database.ts";
import { literalPattern } from "../../../tables/files/literal-path.ts";
import { readBatches } from "../../../tables/read-batches.ts";
import { sqlFile } from "../../../tables/sql-file.ts";
import type { SampleSplit, SplitName } from "../sample-split.ts";
import type { SampleFacts, Samples } from "../samples.ts";
import { emptyColumns, unknownItem, type RowReader } from "../split-columns.ts";
import { loadChunks, stretchRows } from "./chunks.ts";
import { readWindows, type LoadWindow } from "./read-windows.ts";
import { epochWindows, windowsInOrder } from "./windows.ts";

export interface StreamOptions {
  readonly facts: SampleFacts;
  readonly reader: RowReader;
  /** Most rows in memory. Determines the order of an epoch's rows, so it must not adapt to the machine. */
  readonly memoryRows: number;
  /** Files of `samples`, in order. Absolute. */
  readonly parts: readonly string[];
  readonly context: Pick<TaskContext, "threads" | "memoryMb" | "tempDir" | "signal">;
}

/** Plenty for one row group, as nothing is sorted or joined. */
const readerMemoryMb = 512;

const unknownRow = z.object({
  item_id: z.int(),
  user_id: z.int(),
  rn: z.int(),
  role: z.string(),
  split: z.string(),
});

/**
 * Samples that are read from their files on each iteration, on a database of their own. Two windows of at most half of `memoryRows`
 * are in memory: one is used while the other is filled.
 *
 * @param db - Has the views `samples` and `items`
 * @throws `INPUT_INVALID` for a row with an item that is not in the view `items`
 */
export async function openSampleStream(db: Database, options: StreamOptions): Promise<Samples> {
  const { facts, parts, memoryRows, context } = options;
  await refuseUnknownItems(db);
  const windowRows = Math.floor(memoryRows / 2);
  const stretch = stretchRows(windowRows);
  const chunks = await loadChunks(db, parts, stretch);
  const { history, isWeighted } = facts;
  const buffers = [
    emptyColumns(windowRows, history, isWeighted),
    emptyColumns(windowRows, history, isWeighted),
  ] as const;
  const own = await openDatabase({
    threads: context.threads,
    memoryMb: Math.min(context.memoryMb, readerMemoryMb),
    tempDir: join(context.tempDir, "samples"),
    signal: context.signal,
  });
  await own.run("set preserve_insertion_order = true"); // rows keep the file's order

  const splitOf = (split: SplitName): SampleSplit => {
    const loadWindow = windowLoader(own, split, stretch, options.reader);
    const load: LoadWindow = (window, columns, signal) =>
      loadWindow(window, columns, AbortSignal.any([signal, context.signal]));
    return {
      ...facts.sizes[split],
      inOrder: () => readWindows(windowsInOrder(chunks[split]), buffers, load),
      shuffled: (order) =>
        readWindows(epochWindows(chunks[split], windowRows, order), buffers, load),
    };
  };
  return {
    ...facts,
    train: splitOf("train"),
    valid: splitOf("valid"),
    test: splitOf("test"),
    isStreamed: true,
    close: () => {
      own.close();
    },
  };
}

function windowLoader(
  db: Database,
  split: SplitName,
  stretch: number,
  read: RowReader,
): LoadWindow {
  return async ({ chunks, rows }, columns, signal) => {
    let filled = 0;
    for (const { part, firstRow } of chunks) {
      const params = {
        part: literalPattern(part),
        split,
        first_row: firstRow,
        last_row: firstRow + stretch - 1,
      };
      for await (const batch of readBatches(db, sqlFile("train/chunk_rows"), { params })) {
        signal.throwIfAborted();
        read(batch, columns, filled, split);
        filled += batch.numRows;
      }
    }
    if (filled !== rows) {
      throw new Error(`internal: expected ${rows} ${split} rows, the window has ${filled}`);
    }
  };
}

/** Checks all rows before training starts: otherwise a bad row might be found only after hours. */
async function refuseUnknownItems(db: Database): Promise<void> {
  const [found] = await db.rows(`select * from (\n${sqlFile("train/unknown_items")}\n) limit 1`);
  if (found === undefined) return;
  const { item_id: id, user_id: user, rn: place, role, split } = unknownRow.parse(found);
  throw unknownItem({ id, role, user, place, split });
}
