/** @file The samples as training sees them, in memory or streamed. */
import type { DenseIndex } from "./dense-index.ts";
import type { SampleSplit, SplitName, SplitSize } from "./sample-split.ts";

/** Facts about all samples, needed before the first one is read. */
export interface SampleFacts {
  readonly users: DenseIndex;
  /** Distinct rating values, ascending, stars; a dense rating is a place in this list, from 1. */
  readonly ratings: readonly number[];
  /** `H`, at least 1. */
  readonly history: number;
  /** Whether rows have weights. */
  readonly isWeighted: boolean;
  readonly sizes: Readonly<Record<SplitName, SplitSize>>;
}

/** All samples of a run. Every variant and seed gets the same rows. */
export interface Samples extends SampleFacts, Readonly<Record<SplitName, SampleSplit>> {
  /** Whether rows are read from disk during training. */
  readonly isStreamed: boolean;
  readonly close: () => void;
}
