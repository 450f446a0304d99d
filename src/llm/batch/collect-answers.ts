import type { ChargedAnswerCache } from "../cache/answer-cache.ts";
import type { Budget, Prices } from "../settings.ts";
import { exportRequests, importAnswerFiles } from "./batch-jsonl.ts";
import { openBatchLedger } from "./batch-ledger.ts";
import type { BatchProgress } from "./batch-progress.ts";
import { readQueue } from "./read-queue.ts";
import { runBatches } from "./run-batches.ts";
import { messageOf } from "../secrets.ts";
import { serviceLimits, type FileLimits } from "./write-request-files.ts";

/** What collecting needs. */
export interface CollectOptions {
  /** Where batch clients queue their requests. */
  readonly queueDir: string;
  /** Where requests, answers and the state of batches are kept between sessions. */
  readonly batchDir: string;
  readonly cache: ChargedAnswerCache;
  readonly prices: Prices;
  /** Limits what is submitted. Default: no limit. */
  readonly budget?: Budget;
  readonly onProgress?: (progress: BatchProgress) => void;
  readonly signal: AbortSignal;
  /** Default: the Batch API's limits. */
  readonly limits?: FileLimits;
}

/**
 * Brings the answers to queued requests into the cache. Imports answer files in `batchDir`; submits, polls and imports batches of a
 * service; writes requests for `batch-jsonl` to files when nothing else progresses. It can be stopped at any time, also by `kill -9`,
 * and called again: answered requests are never submitted again.
 *
 * @returns Number of answers that are new in the cache, or that were there already for everything queued; 0 when nothing was queued
 * @throws FlowError `ANSWERS_PENDING` when someone must run the files that its message names; `PROVIDER_FAILED` when a
 *   service refuses or answers nothing; `BUDGET_SPENT` when the budget has room for nothing more; `INPUT_INVALID` for a file of answers with lines that are none; `RUN_INVALID` for
 *   damaged files of our own
 * @throws the signal's reason after an abort
 */
export async function collectAnswers({
  queueDir,
  batchDir,
  cache,
  prices,
  budget = {},
  onProgress = () => undefined,
  signal,
  limits = serviceLimits,
}: CollectOptions): Promise<{ readonly answered: number }> {
  signal.throwIfAborted();
  const ledger = await openBatchLedger(batchDir);
  const context = { ledger, cache, prices, signal };
  const imported = await importAnswerFiles(
    batchDir,
    { ...context, redact: messageOf, mask: (text) => text },
    onProgress,
  );
  const { entries, answered: found } = await readQueue(queueDir, { cache, prices, signal });
  const forService = entries.filter(({ service }) => service !== null);
  const served = await runBatches(forService, { ...context, budget, batchDir, limits }, onProgress);
  const answered = imported + served;
  const forUser = entries.filter(({ service }) => service === null);
  if (answered === 0 && forUser.length > 0) {
    const options = { batchDir, budget, cache, ledger, limits, signal };
    await exportRequests(forUser, options, onProgress);
  }
  return { answered: answered === 0 && entries.length === 0 ? found : answered };
}
