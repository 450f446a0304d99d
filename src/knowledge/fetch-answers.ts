import { join } from "node:path";
import type { RunEvent } from "../flow/run-event.ts";
import { openAnswerCache } from "../llm/answer-cache.ts";
import { collectAnswers } from "../llm/batch/collect-answers.ts";
import { answerFolders } from "./knowledge-runtime.ts";
import type { KnowledgeSettings } from "./settings.ts";

/**
 * Brings the answers to the prompts that the tasks of a run have queued for a batch into its answer cache.
 * Runs in the driver, between two goes at the stage, when no worker has the cache open.
 *
 * @throws `ANSWERS_PENDING` where somebody else has to fetch them, saying how; `PROVIDER_FAILED` when a service gives up
 */
export async function fetchAnswers(
  { cache: shared, prices }: Pick<KnowledgeSettings, "cache" | "prices">,
  runDir: string,
  {
    signal,
    onEvent,
  }: { readonly signal: AbortSignal; readonly onEvent: (event: RunEvent) => void },
): Promise<void> {
  const { cacheDir, queueDir, runId } = answerFolders(shared, runDir);
  const cache = await openAnswerCache({ dir: cacheDir, runId });
  try {
    await collectAnswers({
      queueDir,
      batchDir: join(runDir, "batches"),
      cache,
      prices,
      signal,
      onProgress: ({ what, done, total }) => {
        onEvent({ kind: "waiting", for: what, done, total });
      },
    });
  } finally {
    await cache.close();
  }
}
