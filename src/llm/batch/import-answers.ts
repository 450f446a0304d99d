import { reasonOf } from "../../base/errors.ts";
import type { ChargedAnswerCache } from "../cache/answer-cache.ts";
import type { StoredAnswer, Usage } from "../chat.ts";
import { costUsd } from "../cost.ts";
import type { Prices } from "../settings.ts";
import { readAnswerLine, type AnswerOutcome } from "./answer-line.ts";
import type { BatchLedger, Submission } from "./batch-ledger.ts";
import { lineText, readLines, type Line } from "../read-lines.ts";

/** Counts of a file of answers. */
export interface ImportCounts {
  /** Answers that are new in the cache, permanent faults included. */
  readonly answered: number;
  /** Of these, permanent faults. */
  readonly faults: number;
  /** To be asked again. */
  readonly again: number;
  /** Refused for a reason that concerns the whole run; also to be asked again. */
  readonly refused: number;
  /** The first such reason. */
  readonly refusal: string | null;
  /** Answered before, here or elsewhere. */
  readonly duplicates: number;
  /** Lines whose `custom_id` this folder never wrote. */
  readonly unknown: number;
  /** Lines that are not answers. */
  readonly malformed: number;
  /** The first few, with their line numbers. */
  readonly firstMalformed: readonly string[];
  /** Whether the last line has no end yet: someone may still be writing. */
  readonly isTorn: boolean;
  /** Names of the files of requests that it answers. */
  readonly files: ReadonlySet<string>;
}

/** What an import needs. */
export interface ImportContext {
  readonly ledger: BatchLedger;
  readonly cache: ChargedAnswerCache;
  readonly prices: Prices;
  readonly signal: AbortSignal;
  /** Removes secrets from the reasons that a service gives. */
  readonly redact: (text: string) => string;
  /** Removes the key from an answer that repeats it. */
  readonly mask: (text: string) => string;
}

/** Answers stored at a time: the cache writes those that arrive together at once. */
const storing = 256;
const shownMalformed = 5;

/**
 * Stores the answers in a stream of batch output. Afterwards they are in the cache, and the ledger knows which requests to retry.
 * Importing twice changes nothing.
 *
 * @param file - Name of the file of requests that this is the output of; null when that is not certain
 */
export async function importAnswers(
  chunks: AsyncIterable<Uint8Array>,
  file: string | null,
  { ledger, cache, prices, signal, redact, mask }: ImportContext,
): Promise<ImportCounts> {
  const count = { answered: 0, faults: 0, again: 0, refused: 0 };
  const oddities = { duplicates: 0, unknown: 0, malformed: 0 };
  const firstMalformed: string[] = [];
  const failed = new Map<string, string>();
  const resolved = new Set<string>();
  /** Whether they are these requests' errors shows once it is known whether anything was answered. */
  const forbidden = new Map<string, { submission: Submission; reason: string }>();
  let refusal: string | null = null;
  let puts: Promise<void>[] = [];
  let isTorn = false;
  const files = new Set<string>();

  const store = async (
    key: string,
    { promptVersion, file: { model }, attempts, mostCostUsd }: Submission,
    answer: StoredAnswer["answer"],
    usage: Usage,
  ): Promise<void> => {
    const cost = costUsd(usage, prices[model] ?? null);
    const stored = { key, model, promptVersion, answer, usage, costUsd: cost, latencyMs: 0 };
    const isUnpaid = answer.status === "rejected" || answer.status === "filtered";
    await cache.put({ ...stored, attempts }, isUnpaid ? 0 : (mostCostUsd ?? 0));
  };

  const take = async (line: Line): Promise<void> => {
    signal.throwIfAborted();
    const text = lineText(line);
    if (text.trim() === "") return;
    const read = readOrReason(text);
    if (typeof read === "string") {
      if (!line.isWhole) {
        isTorn = true;
        return;
      }
      oddities.malformed += 1;
      if (firstMalformed.length < shownMalformed) {
        firstMalformed.push(`line ${line.number}: ${read}`);
      }
      return;
    }
    const { key, outcome } = read;
    const submission = ledger.get(key);
    if (submission !== null) files.add(submission.file.name);
    if (submission === null) {
      oddities.unknown += 1;
    } else if (outcome.kind === "forbidden") {
      forbidden.set(key, { submission, reason: outcome.reason });
    } else {
      await settle(key, submission, outcome);
    }
  };

  const settle = async (
    key: string,
    submission: Submission,
    outcome: Exclude<AnswerOutcome, { readonly kind: "forbidden" }>,
  ): Promise<void> => {
    if (resolved.has(key) || (await cache.get(key)) !== null) {
      oddities.duplicates += 1;
    } else if (outcome.kind === "again" || outcome.kind === "refused") {
      if (outcome.kind === "refused") refusal ??= redact(outcome.reason);
      count[outcome.kind] += 1;
      const isNew = submission.fault === null && !failed.has(key);
      const mayBePaid = outcome.kind === "again" && outcome.mayBePaid;
      const charged = mayBePaid ? (submission.mostCostUsd ?? 0) : 0;
      if (isNew) puts.push(cache.spend(submission.file.model, charged));
      failed.set(key, redact(outcome.reason));
    } else {
      resolved.add(key);
      failed.delete(key);
      count.answered += 1;
      if (outcome.kind === "answered") {
        const { text, usage } = outcome.reply;
        puts.push(store(key, submission, { status: "ok", text: mask(text) }, usage));
      } else {
        count.faults += 1;
        const { fault, reason, usage } = outcome;
        puts.push(store(key, submission, { status: fault, reason: redact(reason) }, usage));
      }
      if (puts.length >= storing) {
        await Promise.all(puts);
        puts = [];
      }
    }
  };

  try {
    for await (const line of readLines(chunks)) await take(line);
    await Promise.all(puts);
    for (const [key, { submission, reason }] of forbidden) {
      await settle(key, submission, cache.hasAnswers() ? rejected(reason) : refused(reason));
    }
    await Promise.all(puts);
  } finally {
    await Promise.allSettled(puts);
  }
  await ledger.fail(file, failed);
  return { ...count, ...oddities, refusal, firstMalformed, isTorn, files };
}

function rejected(reason: string): AnswerOutcome & { readonly kind: "fault" } {
  const usage: Usage = { promptTokens: null, completionTokens: null, cachedTokens: null };
  return { kind: "fault", fault: "rejected", reason, usage };
}

function refused(reason: string): AnswerOutcome & { readonly kind: "refused" } {
  return { kind: "refused", reason };
}

function readOrReason(text: string): ReturnType<typeof readAnswerLine> | string {
  try {
    return readAnswerLine(text);
  } catch (error) {
    // What JSON.parse says quotes the line, keys and all.
    if (error instanceof SyntaxError) return "no JSON";
    return reasonOf(error).split("\n", 1).join("");
  }
}
