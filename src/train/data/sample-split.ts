import { createRandom, permutation } from "../../base/random.ts";
import type { SplitColumns } from "./split-columns.ts";

export const splitNames = ["train", "valid", "test"] as const;
export type SplitName = (typeof splitNames)[number];

/** Rows of a split, and how many of them have label 1. */
export interface SplitSize {
  readonly rows: number;
  readonly positives: number;
}

/** A run of rows. */
export interface RowPiece {
  readonly columns: SplitColumns;
  /** Rows of `columns` in the order to use them, possibly not all; absent = all of them, in their own order. */
  readonly order?: Uint32Array;
}

/** Rows, piece by piece; a piece is valid until the next one is requested. */
export type RowPieces = Iterable<RowPiece> | AsyncIterable<RowPiece>;

/** The order of an epoch's rows, and where to start in it. */
export interface EpochOrder {
  readonly seed: number;
  /** From 1. */
  readonly epoch: number;
  /** Rows to skip at the start. */
  readonly skip: number;
}

/** The rows of one split, in memory or on disk. Only one split of a run may be iterated at a time. */
export interface SampleSplit extends SplitSize {
  /** Every row once, always in the same order. */
  readonly inOrder: () => RowPieces;
  /** Every row once, shuffled; the order is the same for all variants and backbones of a seed. */
  readonly shuffled: (order: EpochOrder) => RowPieces;
}

/** A split in memory, shuffled as a whole. */
export function memorySplit(columns: SplitColumns, positives: number): SampleSplit {
  const { rows } = columns;
  return {
    rows,
    positives,
    inOrder: () => [{ columns }],
    shuffled: ({ seed, epoch, skip }) => [
      { columns, order: shuffledRows(rows, seed, epoch).subarray(skip) },
    ],
  };
}

/**
 * The order in an epoch of rows that are in memory together.
 *
 * @param epoch - From 1
 * @param window - Index of the epoch's window, from 0; there is only one if all rows are in memory
 * @returns Shape `[rows]`
 */
export function shuffledRows(rows: number, seed: number, epoch: number, window = 0): Uint32Array {
  const stream = `rows of epoch ${epoch}${window === 0 ? "" : `, window ${window}`}`;
  return permutation(rows, createRandom(seed, stream));
}
