/** @file What samples are to training, however they are read. */
import type { DenseIndex } from "./dense-index.ts";
import type { SampleSplit, SplitName, SplitSize } from "./sample-split.ts";

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
