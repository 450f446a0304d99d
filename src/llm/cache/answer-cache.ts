import { randomBytes } from "node:crypto";
import { noRetry, type RetryPolicy } from "../../base/retry-policy.ts";
import type { AnswerCache, StoredAnswer } from "../chat.ts";
import { openSegments } from "./segments.ts";
import type { WriterOptions } from "./segment-writer.ts";
import { bareLine, parseStoredLine, type StoredLine } from "./stored-line.ts";
import { createDepartures, type UnderWay } from "./departures.ts";

/** The folder, and the run whose answers count as spending. */
export interface AnswerCacheOptions extends Omit<WriterOptions, "names"> {
  /** Created if missing; may be shared by several runs, also concurrently. */
  readonly dir: string;
  /** Letters, digits, `.`, `_` and `-`. */
  readonly runId: string;
  /** Which of the faults stored before this run count as unanswered. Default: none. */
  readonly retry?: RetryPolicy;
  /** Returns milliseconds since 1970. Default: the system's. */
  readonly now?: () => number;
}

/** An {@link AnswerCache} that also stores what the budget was charged for an answer of unknown cost. */
export interface ChargedAnswerCache extends AnswerCache {
  /** @param chargedUsd - Counts in {@link AnswerCache.spent} when `costUsd` is null */
  readonly put: (answer: StoredAnswer, chargedUsd?: number) => Promise<void>;
  /**
   * To be awaited before a request is sent: notes on disk that it is under way, and waits while the disk is full. Requests that a killed
   * session had under way are spent.
   *
   * @param mostUsd - What it may cost
   * @returns To be called once it is accounted for by `put` or `spend`, or was not sent
   * @throws FlowError `OUTPUT_FAILED` when answers were not written
   */
  readonly depart: (mostUsd: number) => Promise<() => void>;
  /** What of the spending is requests that killed sessions had under way, at their highest cost. */
  readonly lost: () => UnderWay;
  /** Records a request that brought no answer to keep, with what it may have cost. */
  readonly spend: (model: string, costUsd: number) => Promise<void>;
  /** Whether there is an answer of this run, from any of its sessions. */
  readonly hasAnswers: () => boolean;
}

/** In place of the version of a prompt, for a request that brought no answer to keep. */
const unanswered = "no answer";
/** The same, for a mark of what is under way. */
const underWay = "under way";

/**
 * Answers in the segments of a folder, one line of JSON each; see {@link openSegments}. Of several answers to a prompt the latest counts,
 * and any answer before a fault.
 *
 * @throws FlowError `RUN_INVALID` or `OUTPUT_FAILED`, as the segments do
 */
export async function openAnswerCache({
  dir,
  runId,
  retry = noRetry,
  now = Date.now,
  ...writing
}: AnswerCacheOptions): Promise<ChargedAnswerCache> {
  const spent = { requests: 0, costUsd: 0 };
  const marks = new Map<string, UnderWay>();
  let answers = 0;
  const charge = ({
    costUsd,
    chargedUsd,
    isForgotten,
  }: Pick<StoredLine, "costUsd" | "chargedUsd" | "isForgotten">): void => {
    if (isForgotten) return;
    spent.requests += 1;
    spent.costUsd += costUsd ?? chargedUsd ?? 0;
  };
  const segments = await openSegments<StoredLine>({
    ...{ dir, runId, ...writing },
    extension: "jsonl",
    names: {
      value: "an answer",
      lost: "the prompts it answers are then asked, and paid for, again",
    },
    print: (line) => JSON.stringify(line),
    parse: parseStoredLine,
    keyOf: (bytes, isOwn) => {
      const line = parseStoredLine(bytes);
      if (line?.underWay !== undefined) {
        if (isOwn) marks.set(line.underWay.session, line.underWay);
      } else if (line !== null && isOwn) {
        charge(line);
        if (isAnswer(line)) answers += 1;
      }
      return line?.key ?? null;
    },
  });
  const lost = { requests: 0, costUsd: 0 };
  for (const { requests, costUsd } of marks.values()) {
    lost.requests += requests;
    lost.costUsd += costUsd;
  }
  spent.requests += lost.requests;
  spent.costUsd += lost.costUsd;
  const session = randomBytes(8).toString("hex");
  const departures = createDepartures((mark) =>
    segments.append({
      ...bareLine({ model: "", promptVersion: underWay }),
      underWay: { session, ...mark },
    }),
  );

  const isStale = ({ answer: { status }, storedAtMs = 0 }: StoredLine): boolean =>
    status !== "ok" && retry.kinds.includes(status) && storedAtMs < retry.beforeMs;

  const find = (wanted: string): StoredAnswer | null => {
    const line = current(segments.findAll(wanted));
    if (line === null || isStale(line)) return null;
    const { key, model, promptVersion, answer, usage, costUsd, latencyMs, attempts } = line;
    return { key, model, promptVersion, answer, usage, costUsd, latencyMs, attempts };
  };

  return {
    // eslint-disable-next-line @typescript-eslint/require-await -- so that errors of find become rejections
    get: async (key) => find(key),
    put: async (answer, chargedUsd) => {
      if (answer.answer.status === "failed") {
        throw new Error(`internal: a prompt that may still be answered must not be cached`);
      }
      const isCharged = answer.costUsd === null && chargedUsd !== undefined;
      const storedAtMs = now();
      await segments.append({ ...answer, ...(isCharged && { chargedUsd }), storedAtMs });
      charge({ costUsd: answer.costUsd, chargedUsd });
      if (isAnswer(answer)) answers += 1;
    },
    spend: async (model, costUsd) => {
      await segments.append({ ...bareLine({ model, promptVersion: unanswered }), costUsd });
      charge({ costUsd });
    },
    depart: async (mostUsd) => {
      await segments.ready();
      return departures.depart(mostUsd);
    },
    lost: () => lost,
    forget: async (wanted) => {
      if (!retry.kinds.includes("unreadable")) return;
      const line = current(segments.findAll(wanted));
      if (line === null || (line.storedAtMs ?? 0) >= retry.beforeMs) return;
      await segments.append({ ...line, costUsd: 0, isForgotten: true, storedAtMs: now() });
    },
    spent: () => ({ ...spent }),
    hasAnswers: () => answers > 0,
    close: async () => {
      const noted = departures.close().catch(() => undefined); // callers of put and depart have received the error
      await segments.close();
      await noted;
    },
  };
}

function isAnswer({ answer, promptVersion }: StoredAnswer): boolean {
  return answer.status === "ok" && promptVersion !== unanswered;
}

/** The line that counts among those of a prompt: the latest answer since the last mark or, without one, the latest fault. */
function current(lines: readonly StoredLine[]): StoredLine | null {
  const at = ({ storedAtMs = 0 }: StoredLine): number => storedAtMs;
  const since = Math.max(0, ...lines.flatMap((line) => (line.isForgotten ? at(line) : [])));
  const counting = lines
    .filter((line) => !line.isForgotten && at(line) >= since)
    .sort((one, other) => at(one) - at(other));
  return counting.findLast(({ answer }) => answer.status === "ok") ?? counting.at(-1) ?? null;
}
