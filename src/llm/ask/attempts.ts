import { FlowError } from "../../base/errors.ts";
import type { AbortGroups } from "./abort-groups.ts";
import { backoffMs } from "./backoff.ts";
import { TransportError, type AnswerFault, type Usage } from "../chat.ts";
import type { Clock } from "./clock.ts";
import { allTokens } from "../cost.ts";
import type { Limiter } from "./limiter.ts";

/** What attempts need to know about an endpoint. */
export interface AttemptedEndpoint {
  /** For errors; contains no secrets. */
  readonly name: string;
  readonly limiter: Limiter;
  readonly trial: Trial;
}

/** How the first requests of a session went: tells a wrong setting, which fails every request, from single bad prompts. */
export interface Trial {
  /** Prompts refused before the first answer. */
  rejected: number;
  firstReason: string;
  isPassed: boolean;
  /** True where the callers watch how their prompts end, and end the run themselves. */
  readonly isWatched?: boolean;
}

/** The outcome of a request after all its attempts. */
export interface Attempted<R> {
  readonly result:
    | { readonly status: "ok"; readonly reply: R }
    | { readonly status: AnswerFault; readonly reason: string };
  readonly usage: Usage;
  /** Latency of the successful attempt, ms. */
  readonly latencyMs: number;
  readonly attempts: number;
}

/**
 * Sends until there is a reply, a permanent fault, or no attempt left.
 *
 * @param send - Makes one attempt; throws a {@link TransportError} that says what to do next
 * @param tokens - Estimated tokens of prompt and answer
 * @param keep - Stores the outcome on disk. The request counts as in flight until then, so `kill -9` loses at most one window
 * @throws FlowError `PROVIDER_FAILED` about the whole endpoint; the signal's reason after an abort
 */
export type Attempt = <R extends { readonly usage: Usage }, Kept>(
  endpoint: AttemptedEndpoint,
  send: (signal: AbortSignal) => Promise<R>,
  tokens: number,
  signal: AbortSignal,
  keep: (attempted: Attempted<R>) => Promise<Kept>,
) => Promise<Kept>;

/** Shared by all attempts of a run. */
export interface AttemptsOptions {
  readonly clock: Clock;
  readonly groups: AbortGroups;
  /** Returns numbers in [0, 1); spreads waiting times. */
  readonly random: () => number;
}

/** The run stops after this many refused prompts without a single answer. */
const trialPrompts = 20;
const unknownUsage: Usage = { promptTokens: null, completionTokens: null, cachedTokens: null };

/** Sends requests through a limiter, with as many attempts as its limits allow. */
export function createAttempts({ clock, groups, random }: AttemptsOptions): Attempt {
  const pause = (delayMs: number, signals: readonly AbortSignal[]): Promise<void> => {
    for (const signal of signals) signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const leave = groups.join(signals, (reason) => {
        cancel();
        leave();
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a signal's reason is passed on unchanged
        reject(reason);
      });
      const cancel = clock.after(delayMs, () => {
        leave();
        resolve();
      });
    });
  };

  return async <R extends { readonly usage: Usage }, Kept>(
    endpoint: AttemptedEndpoint,
    send: (signal: AbortSignal) => Promise<R>,
    tokens: number,
    signal: AbortSignal,
    keep: (attempted: Attempted<R>) => Promise<Kept>,
  ): Promise<Kept> => {
    const { limiter, trial, name } = endpoint;
    const { ended } = limiter;
    let attempts = 0;
    let usedUp = 0;
    let busySinceMs: number | null = null;
    for (;;) {
      const slot = await limiter.enter(tokens, signal);
      if (signal.aborted || ended.aborted) {
        limiter.release(slot);
        signal.throwIfAborted();
        ended.throwIfAborted();
      }
      attempts += 1;
      const attempted = (result: Attempted<R>["result"], usage: Usage): Attempted<R> => ({
        result,
        usage,
        latencyMs: clock.now() - slot.sentAtMs,
        attempts,
      });
      const kept = async (answered: Attempted<R>): Promise<Kept> => {
        try {
          return await keep(answered);
        } finally {
          limiter.answered(slot, allTokens(answered.usage));
        }
      };
      let reply: R;
      try {
        reply = await send(signal);
      } catch (thrown) {
        if (signal.aborted || !(thrown instanceof TransportError)) {
          limiter.release(slot);
          signal.throwIfAborted();
          throw thrown;
        }
        const { fault, message } = thrown;
        switch (fault.kind) {
          case "fatal": {
            const told = `${name}: ${message}`;
            const reason = limiter.end(new FlowError("PROVIDER_FAILED", told, { cause: thrown }));
            limiter.release(slot);
            throw reason;
          }
          case "prompt": {
            const usage = fault.usage ?? unknownUsage;
            noteFirstPrompts(endpoint, fault.fault, message);
            return kept(attempted({ status: fault.fault, reason: message }, usage));
          }
          case "busy":
            limiter.busy(slot, fault.retryAfterMs, message);
            busySinceMs ??= clock.now();
            if (clock.now() - busySinceMs >= limiter.limits().downAfterS * 1000) usedUp += 1;
            break;
          case "transient":
            limiter.failed(slot, message);
            usedUp += 1;
            break;
        }
        if (usedUp >= limiter.limits().attempts && limiter.hasAnsweredLately()) {
          const reason = `no answer in ${attempts} attempts; the last: ${message}`;
          return keep(attempted({ status: "failed", reason }, unknownUsage));
        }
        if (fault.kind === "transient") {
          await pause(backoffMs(usedUp) * random(), [signal, ended]);
        }
        continue;
      }
      trial.isPassed = true;
      return kept(attempted({ status: "ok", reply }, reply.usage));
    }
  };
}

/** Gives up on an endpoint that refuses all of its first prompts. */
function noteFirstPrompts(
  { trial, limiter, name }: AttemptedEndpoint,
  fault: AnswerFault,
  reason: string,
): void {
  if (fault !== "rejected") trial.isPassed = true;
  if (trial.isPassed || trial.isWatched === true) return;
  trial.rejected += 1;
  if (trial.rejected === 1) trial.firstReason = reason;
  if (trial.rejected < trialPrompts) return;
  limiter.end(
    new FlowError(
      "PROVIDER_FAILED",
      `${name}: refused the first ${trial.rejected} prompts and answered none. The first reason: ${trial.firstReason}. ` +
        "Fix the role's settings or the server, and run again.",
    ),
  );
}
