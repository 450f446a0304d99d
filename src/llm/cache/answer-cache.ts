import type { AnswerCache, StoredAnswer } from "../chat.ts";
import { openSegments } from "./segments.ts";
import { parseStoredLine, type StoredLine } from "./stored-line.ts";

/** Which folder, and whose answers count as paid for. */
export interface AnswerCacheOptions {
  /** Made when missing; may be shared by several runs, also at the same time. */
  readonly dir: string;
  /** Letters, digits, `.`, `_` and `-`. */
  readonly runId: string;
}

/** An {@link AnswerCache} that also remembers what the budget was charged for an answer of unknown cost. */
export interface ChargedAnswerCache extends AnswerCache {
  /** @param chargedUsd - counts in {@link AnswerCache.spent} where `costUsd` is null */
  readonly put: (answer: StoredAnswer, chargedUsd?: number) => Promise<void>;
}

/**
 * Answers in the segments of a folder, a line of JSON each; see {@link openSegments}. Where runs that share the folder have both paid
 * for a prompt, either answer holds.
 *
 * @throws FlowError `RUN_INVALID` or `OUTPUT_FAILED`, as the segments do
 */
export async function openAnswerCache({
  dir,
  runId,
}: AnswerCacheOptions): Promise<ChargedAnswerCache> {
  const spent = { requests: 0, costUsd: 0 };
  const charge = ({ costUsd, chargedUsd }: Pick<StoredLine, "costUsd" | "chargedUsd">): void => {
    spent.requests += 1;
    spent.costUsd += costUsd ?? chargedUsd ?? 0;
  };
  const segments = await openSegments<StoredLine>({
    dir,
    runId,
    extension: "jsonl",
    names: {
      value: "an answer",
      lost: "the prompts it answers are then asked, and paid for, again",
    },
    print: (line) => JSON.stringify(line),
    parse: parseStoredLine,
    keyOf: (bytes, isOwn) => {
      const line = parseStoredLine(bytes);
      if (line !== null && isOwn) charge(line);
      return line?.key ?? null;
    },
  });

  const find = (wanted: string): StoredAnswer | null => {
    const line = segments.find(wanted);
    if (line === null) return null;
    const { key, model, promptVersion, answer, usage, costUsd, latencyMs, attempts } = line;
    return { key, model, promptVersion, answer, usage, costUsd, latencyMs, attempts };
  };

  return {
    // eslint-disable-next-line @typescript-eslint/require-await -- so that what find throws is a rejection
    get: async (key) => find(key),
    put: async (answer, chargedUsd) => {
      if (answer.answer.status === "failed") {
        throw new Error(`internal: a prompt that may be answered yet is not to be remembered`);
      }
      const isCharged = answer.costUsd === null && chargedUsd !== undefined;
      await segments.append(isCharged ? { ...answer, chargedUsd } : answer);
      charge({ costUsd: answer.costUsd, chargedUsd });
    },
    spent: () => ({ ...spent }),
    close: segments.close,
  };
}
