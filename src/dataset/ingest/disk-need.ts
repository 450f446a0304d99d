/**
 * Bytes per source row in each table, as zstd-compressed Parquet, with a generous margin: measured are 7 in interactions, 6 in timeline
 * and 21 in samples with histories of 10.
 */
const rowBytes = { interactions: 14, timeline: 14, sample: 16, historyEvent: 2 };

/**
 * Disk space that a run's interactions, timeline and samples are expected to take, bytes.
 *
 * @param rows - Number of interactions
 * @param history - Maximum number of events in a sample's history
 */
export function diskNeed(rows: number, history: number): number {
  const { interactions, timeline, sample, historyEvent } = rowBytes;
  return rows * (interactions + timeline + sample + historyEvent * history);
}
