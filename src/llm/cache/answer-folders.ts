import { join } from "node:path";
import { sha256 } from "../../base/sha256.ts";

/** Where a run keeps its models' answers. */
export interface AnswerFolders {
  /** Of the answer cache, absolute. */
  readonly cacheDir: string;
  /** Of prompts that wait for a batch, absolute. */
  readonly queueDir: string;
  /** Distinguishes this run's answers from those of other runs in the same cache. */
  readonly runId: string;
}

/** Answers are kept in the run folder unless `knowledge.cache` names a shared folder, where the run is identified by its folder's path. */
export function answerFolders(cache: string | undefined, runDir: string): AnswerFolders {
  return {
    cacheDir: cache ?? join(runDir, "cache", "answers"),
    queueDir: join(runDir, "batches", "queue"),
    runId: cache === undefined ? "run" : sha256(runDir).slice(0, 12),
  };
}
