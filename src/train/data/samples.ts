import { FlowError } from "../../base/errors.ts";
import type { TaskContext } from "../../flow/task.ts";
import type { Database } from "../../tables/database.ts";
import { readBatches } from "../../tables/read-batches.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { createDenseIndex, type DenseIndex } from "./dense-index.ts";
import { loadIds } from "./load-ids.ts";
import {
  memorySplit,
  splitNames,
  type SampleSplit,
  type SplitName,
  type SplitSize,
} from "./sample-split.ts";
import { createRowReader, emptyColumns, type RowReader } from "./split-columns.ts";
import { openSampleStream } from "./stream/open-stream.ts";

/** What has to be known of all samples before any is numbered. */
export interface SampleFacts {
  readonly users: DenseIndex;
  /** Distinct rating values, ascending; the dense rating is the place here, from 1. Stars. */
  readonly ratings: readonly number[];
  /** `H`, at least 1. */
  readonly history: number;
  /** Whether rows count differently in training. */
  readonly isWeighted: boolean;
  readonly sizes: Readonly<Record<SplitName, SplitSize>>;
}

/** All samples of a run. Every variant and seed gets these same rows. */
export interface Samples extends SampleFacts, Readonly<Record<SplitName, SampleSplit>> {
  /** Whether rows are read from disk while training goes on. */
  readonly isStreamed: boolean;
  readonly close: () => void;
}

/**
 * Reads the view `samples` for what all of its rows have in common.
 *
 * @param history - Most recent events kept of each history; "all" = as many as the longest history has
 * @throws `INPUT_INVALID` when there are no train or no test rows, or all train rows have weight 0
 */
export async function loadSampleFacts(db: Database, history: number | "all"): Promise<SampleFacts> {
  const sizes = { train: none, valid: none, test: none };
  let isWeighted = false;
  let longest = 1;
  for (const row of await db.rows(sqlFile("train/split_sizes"))) {
    const split = splitNames.find((name) => name === row["split"]);
    if (split === undefined) continue;
    sizes[split] = { rows: Number(row["rows"]), positives: Number(row["sum_label"]) };
    isWeighted = "sum_weight" in row;
    if (split === "train" && row["sum_weight"] === 0) throw weightless();
    longest = Math.max(longest, Number(row["longest_history"] ?? 0));
  }
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

function weightless(): FlowError {
  return new FlowError(
    "INPUT_INVALID",
    "samples: all train rows have weight 0, which leaves nothing to train on; check dataset.columns.weight",
  );
}

const none: SplitSize = { rows: 0, positives: 0 };

export interface OpenSamplesOptions {
  readonly facts: SampleFacts;
  /** Of item ids. */
  readonly items: DenseIndex;
  /** Most rows in memory. Decides alone, whatever the machine: the order of an epoch's rows follows from it. */
  readonly memoryRows: number;
  /** Files of `samples`, in order. Absolute. */
  readonly parts: readonly string[];
  readonly context: Pick<TaskContext, "threads" | "memoryMb" | "tempDir" | "signal">;
}

/**
 * The rows of the view `samples`: in memory, in the order (user id, place), when there are no more than `memoryRows`, else read from
 * their files in passing.
 *
 * @throws `INPUT_INVALID` when a row names an item that `items` lacks
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
