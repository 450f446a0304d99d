import type { Database } from "../../tables/database.ts";
import { readBatches } from "../../tables/read-batches.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import type { DenseIndex } from "./dense-index.ts";
import { memorySplit, splitNames, type SampleSplit, type SplitName } from "./sample-split.ts";
import type { SampleFacts, Samples } from "./samples.ts";
import { createRowReader, emptyColumns, type RowReader } from "./split-columns.ts";
import { openSampleStream, type StreamOptions } from "./stream/open-stream.ts";

export interface OpenSamplesOptions extends Omit<StreamOptions, "reader"> {
  /** Index of item ids. */
  readonly items: DenseIndex;
}

/**
 * The rows of the view `samples`: up to `memoryRows` are held in memory, ordered by (user id, place); more are streamed from their
 * files.
 *
 * @throws `INPUT_INVALID` for a row with an item that is not in `items`
 */
export async function openSamples(db: Database, options: OpenSamplesOptions): Promise<Samples> {
  const { facts, items, memoryRows } = options;
  const { sizes } = facts;
  const reader = createRowReader({ ...facts, items });
  const rows = splitNames.reduce((sum, split) => sum + sizes[split].rows, 0);
  if (rows > memoryRows) return openSampleStream(db, { ...options, reader });
  const load = (split: SplitName): Promise<SampleSplit> => loadSplit(db, split, facts, reader);
  return {
    ...facts,
    train: await load("train"),
    valid: await load("valid"),
    test: await load("test"),
    isStreamed: false,
    close: () => undefined,
  };
}

async function loadSplit(
  db: Database,
  split: SplitName,
  { sizes, history, isWeighted }: SampleFacts,
  read: RowReader,
): Promise<SampleSplit> {
  const { rows, positives } = sizes[split];
  const columns = emptyColumns(rows, history, isWeighted);
  let filled = 0;
  if (rows > 0) {
    for await (const batch of readBatches(db, sqlFile("train/split_rows"), { params: { split } })) {
      read(batch, columns, filled, split);
      filled += batch.numRows;
    }
  }
  if (filled !== rows) {
    throw new Error(`internal: expected ${rows} ${split} rows, the stream ended after ${filled}`);
  }
  return memorySplit(columns, positives);
}
