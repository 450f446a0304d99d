import type { StrategyResult } from "./strategies.ts";

/** Live figures of one part. */
export interface KnowledgeTally {
  /** Subjects processed. */
  readonly subjects: number;
  /** Of these, those that wait for answers by batch. */
  readonly pending: number;
  /** Counts a subject's result; null when it waits for a batch. */
  readonly add: (told: StrategyResult | null) => void;
  /** Figures for the progress line, without zeros. */
  readonly detail: () => Readonly<Record<string, string>>;
}

/** Counts judgements, errors, tokens and cost. */
export function knowledgeTally(): KnowledgeTally {
  const counts = { subjects: 0, pending: 0, judged: 0, rejected: 0, errors: 0 };
  const calls = {
    sent: 0,
    retries: 0,
    cached: 0,
    promptTokens: 0,
    completionTokens: 0,
    costUsd: 0,
  };
  return {
    get subjects() {
      return counts.subjects;
    },
    get pending() {
      return counts.pending;
    },
    add: (told) => {
      counts.subjects += 1;
      if (told === null) {
        counts.pending += 1;
        return;
      }
      for (const { judgement, error } of told.rows) {
        if (judgement !== null) counts.judged += 1;
        if (judgement === "unreasonable") counts.rejected += 1;
        if (error !== null) counts.errors += 1;
      }
      for (const { call, ask } of told.calls) {
        if (call.isCached) {
          calls.cached += 1;
          continue;
        }
        calls.sent += 1;
        calls.retries += call.attempts - 1 + (ask > 0 ? 1 : 0);
        calls.promptTokens += call.usage.promptTokens ?? 0;
        calls.completionTokens += call.usage.completionTokens ?? 0;
        calls.costUsd += call.costUsd ?? 0;
      }
    },
    detail: () => {
      const share = (part: number, whole: number): string =>
        `${Math.round((100 * part) / whole)} %`;
      return {
        ...(counts.errors > 0 && { errors: String(counts.errors) }),
        ...(calls.retries > 0 && { retries: String(calls.retries) }),
        ...(counts.judged > 0 && { unreasonable: share(counts.rejected, counts.judged) }),
        ...(calls.sent > 0 && { calls: String(calls.sent) }),
        ...(calls.cached > 0 && { cached: String(calls.cached) }),
        ...(calls.promptTokens > 0 && {
          tokens: `${calls.promptTokens} in, ${calls.completionTokens} out`,
        }),
        ...(calls.costUsd > 0 && { cost: `$${calls.costUsd.toFixed(2)}` }),
        ...(counts.pending > 0 && { queued: String(counts.pending) }),
      };
    },
  };
}
