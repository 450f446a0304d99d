import { join } from "node:path";
import type { RetryPolicy } from "../base/retry-policy.ts";
import type { RunEvent } from "../flow/run-event.ts";
import { openAnswerCache } from "../llm/cache/answer-cache.ts";
import { collectAnswers } from "../llm/batch/collect-answers.ts";
import type { BatchProgress } from "../llm/batch/batch-progress.ts";
import { answerFolders } from "../llm/cache/answer-folders.ts";
import type { KnowledgeSettings } from "./settings.ts";

/**
 * Brings the answers to prompts that a run's tasks queued for a batch into its answer cache.
 * Runs in the driver between two attempts at the stage, when no worker has the cache open.
 *
 * @throws `ANSWERS_PENDING` when the user has to fetch them, saying how; `PROVIDER_FAILED` when a service fails; `BUDGET_SPENT`
 */
export async function fetchAnswers(
  { cache: shared, prices, budget }: Pick<KnowledgeSettings, "cache" | "prices" | "budget">,
  runDir: string,
  {
    retry,
    signal,
    onEvent,
  }: {
    readonly retry: RetryPolicy;
    readonly signal: AbortSignal;
    readonly onEvent: (event: RunEvent) => void;
  },
): Promise<void> {
  const { cacheDir, queueDir, runId } = answerFolders(shared, runDir);
  const onWait = (text: string): void => {
    onEvent({ kind: "note", text });
  };
  const cache = await openAnswerCache({ dir: cacheDir, runId, retry, onWait });
  try {
    const { answered } = await collectAnswers({
      queueDir,
      batchDir: join(runDir, "batches"),
      cache,
      prices,
      budget,
      signal,
      onProgress: (progress) => {
        onEvent({ kind: "waiting", text: describe(progress) });
      },
    });
    if (answered === 0) {
      throw new Error("internal: tasks wait for answers by batch, and nothing is queued for one");
    }
  } finally {
    await cache.close();
  }
}

function describe(progress: BatchProgress): string {
  switch (progress.kind) {
    case "written":
      return `wrote ${progress.requests} requests to ${progress.file}`;
    case "submitted":
      return `batch ${progress.batchId}: submitted with ${progress.requests} requests`;
    case "resumed":
      return `batch ${progress.batchId}: taken up again, ${progress.requests} requests`;
    case "polled":
      return `batch ${progress.batchId}: ${progress.status}, ${progress.completed} of ${progress.total} answered, ${progress.failed} failed`;
    case "unreachable":
      return `batch ${progress.batchId}: cannot be looked at, tried again (${progress.reason})`;
    case "imported":
      return `read ${progress.counts.answered} answers from ${progress.from}`;
  }
}
