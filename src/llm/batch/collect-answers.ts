import type { AnswerCache } from "../chat.ts";
import type { Prices } from "../settings.ts";
import { exportRequests, importAnswerFiles } from "./batch-jsonl.ts";
import { openBatchLedger } from "./batch-ledger.ts";
import type { BatchProgress } from "./batch-progress.ts";
import { readQueue } from "./read-queue.ts";
import { runBatches } from "./run-batches.ts";
import { serviceLimits, type FileLimits } from "./write-request-files.ts";

/** What collecting works with. */
export interface CollectOptions {
  /** Where batch clients queue their requests. */
  readonly queueDir: string;
  /** Where requests, answers and the state of batches are kept, over all sessions. */
  readonly batchDir: string;
  readonly cache: AnswerCache;
  readonly prices: Prices;
  readonly onProgress?: (progress: BatchProgress) => void;
  readonly signal: AbortSignal;
  /** Default: what the Batch API takes. */
  readonly limits?: FileLimits;
}

/**
 * Gets answers to what batch clients have queued into the cache. Answers that lie in `batchDir` are imported; batches of a
 * service are submitted, followed and imported; requests for `batch-jsonl` are written to files when nothing else moves.
 * It can be stopped anywhere, also by `kill -9`, and called again: what has been answered is never submitted again.
 *
 * @returns answers that are new in the cache; 0 when nothing was queued that is not answered
 * @throws FlowError `ANSWERS_PENDING` when someone must run the files that its message names; `PROVIDER_FAILED` when a
 *   service refuses or answers nothing; `INPUT_INVALID` for a file of answers with lines that are none; `RUN_INVALID` for
 *   damaged files of our own
 * @throws the signal's reason after an abort
 */
export async function collectAnswers({
  queueDir,
  batchDir,
  cache,
  prices,
  onProgress = () => undefined,
  signal,
  limits = serviceLimits,
}: CollectOptions): Promise<{ readonly answered: number }> {
  signal.throwIfAborted();
  const ledger = await openBatchLedger(batchDir);
  const context = { ledger, cache, prices, signal };
  const imported = await importAnswerFiles(
    batchDir,
    { ...context, redact: (text) => text },
    onProgress,
  );
  const queue = await readQueue(queueDir, cache, signal);
  const forService = queue.filter(({ service }) => service !== null);
  const served = await runBatches(forService, { ...context, batchDir, limits }, onProgress);
  const answered = imported + served;
  const forUser = queue.filter(({ service }) => service === null);
  if (answered === 0 && forUser.length > 0) {
    await exportRequests(forUser, { batchDir, ledger, limits, signal }, onProgress);
  }
  return { answered };
}
