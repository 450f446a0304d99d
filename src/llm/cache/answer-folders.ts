import { createHash } from "node:crypto";
import { join } from "node:path";

/** Where a run keeps what models answered. */
export interface AnswerFolders {
  /** Of the answer cache, absolute. */
  readonly cacheDir: string;
  /** Of prompts that wait for a batch, absolute. */
  readonly queueDir: string;
  /** Tells this run's answers from those of other runs in the same cache. */
  readonly runId: string;
}

/** Answers lie in the run folder unless `knowledge.cache` names a folder to share; the run is then told by its folder's path. */
export function answerFolders(cache: string | undefined, runDir: string): AnswerFolders {
  return {
    cacheDir: cache ?? join(runDir, "cache", "answers"),
    queueDir: join(runDir, "batches", "queue"),
    runId:
      cache === undefined ? "run" : createHash("sha256").update(runDir).digest("hex").slice(0, 12),
  };
}
