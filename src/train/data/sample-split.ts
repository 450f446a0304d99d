import { createRandom, permutation } from "../../base/random.ts";
import type { SplitColumns } from "./split-columns.ts";

export const splitNames = ["train", "valid", "test"] as const;
export type SplitName = (typeof splitNames)[number];

/** How many rows a split has, and how many of them have label 1. */
export interface SplitSize {
  readonly rows: number;
  readonly positives: number;
}

/** Rows that follow one another. */
export interface RowPiece {
  readonly columns: SplitColumns;
  /** Rows of `columns` in the order wanted, not necessarily all; all in their own order when left out. */
  readonly order?: Uint32Array;
}

/** Rows, piece by piece; each piece holds until the next one is asked for. */
export type RowPieces = Iterable<RowPiece> | AsyncIterable<RowPiece>;

/** Which order an epoch's rows come in, and where in it to begin. */
export interface EpochOrder {
  readonly seed: number;
  /** From 1. */
  readonly epoch: number;
  /** Rows at the beginning that are passed over. */
  readonly skip: number;
}

/** The rows of one split, in memory or on disk. Only one of its run's splits is gone through at a time. */
export interface SampleSplit extends SplitSize {
  /** Every row once, always in the same order. */
  readonly inOrder: () => RowPieces;
  /** Every row once, shuffled; the order is the same for all variants and backbones of a seed. */
  readonly shuffled: (order: EpochOrder) => RowPieces;
}

/** A split that lies in memory, shuffled as a whole. */
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
 * The order of rows that are in memory together in an epoch.
 *
 * @param epoch - From 1
 * @param window - Which of the epoch's sets of such rows, from 0; there is one alone when all rows are in memory
 * @returns Shape `[rows]`
 */
export function shuffledRows(rows: number, seed: number, epoch: number, window = 0): Uint32Array {
  const stream = `rows of epoch ${epoch}${window === 0 ? "" : `, window ${window}`}`;
  return permutation(rows, createRandom(seed, stream));
}
