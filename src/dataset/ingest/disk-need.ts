/**
 * Bytes a row of the source takes, generously, in each table that has one for it: Parquet, zstd. Measured are 7 in interactions, 6
 * in timeline and 21 in samples with histories of 10.
 */
const rowBytes = { interactions: 14, timeline: 14, sample: 16, historyEvent: 2 };

/**
 * How much disk a run's interactions, timeline and samples are expected to take, bytes.
 *
 * @param rows - Interactions
 * @param history - Events a sample's history holds at most
 */
export function diskNeed(rows: number, history: number): number {
  const { interactions, timeline, sample, historyEvent } = rowBytes;
  return rows * (interactions + timeline + sample + historyEvent * history);
}
