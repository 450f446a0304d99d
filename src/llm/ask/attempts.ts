import { FlowError } from "../../base/errors.ts";
import type { AbortGroups } from "./abort-groups.ts";
import { backoffMs } from "./backoff.ts";
import type { BudgetGate } from "./budget-gate.ts";
import { TransportError, type AnswerFault, type Usage } from "../chat.ts";
import type { Clock } from "./clock.ts";
import { allTokens } from "../cost.ts";
import type { Limiter } from "./limiter.ts";
import type { Slot } from "./slot.ts";
import { mayBePrompt, noteOutcome, presentFault, type Trial } from "./trial.ts";
import { waited } from "./waited.ts";

/** What attempts need to know about an endpoint. */
export interface AttemptedEndpoint {
  /** For errors; contains no secrets. */
  readonly name: string;
  readonly model: string;
  readonly limiter: Limiter;
  readonly trial: Trial;
}

/** A request to be answered. */
export interface Attemptable<R> {
  /** Makes one attempt; throws a {@link TransportError} that says what to do next. */
  readonly send: (signal: AbortSignal) => Promise<R>;
  /** Estimated tokens of prompt and answer. */
  readonly tokens: number;
  /** Highest cost of one attempt, US dollars; null when no price is known. */
  readonly mostUsd: number | null;
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
  /** Whether the last attempt is counted as spent already; all others are. */
  readonly isSpent: boolean;
}

/**
 * Sends until there is a reply, a permanent fault, or no attempt left. Every attempt is reserved in the budget before it is sent.
 *
 * @param keep - Stores the outcome on disk. The request counts as in flight until then, so `kill -9` loses at most one window
 * @throws FlowError `PROVIDER_FAILED` about the whole endpoint; `BUDGET_SPENT`; the signal's reason after an abort
 */
export type Attempt = <R extends { readonly usage: Usage }, Kept>(
  endpoint: AttemptedEndpoint,
  request: Attemptable<R>,
  signal: AbortSignal,
  keep: (attempted: Attempted<R>) => Promise<Kept>,
) => Promise<Kept>;

/** Shared by all attempts of a run. */
export interface AttemptsOptions {
  readonly budget: BudgetGate;
  /** Records an attempt that brought no answer to keep, and what it may have cost. */
  readonly spend: (model: string, costUsd: number) => Promise<void>;
  /** Awaited before every attempt: notes it on disk, with its highest cost. @returns To be called once it is accounted for */
  readonly depart: (mostUsd: number) => Promise<() => void>;
  readonly clock: Clock;
  readonly groups: AbortGroups;
  /** Returns numbers in [0, 1); spreads waiting times. */
  readonly random: () => number;
}

const unknownUsage: Usage = { promptTokens: null, completionTokens: null, cachedTokens: null };

/** Sends requests through budget and limiter, with as many attempts as the limits allow. */
export function createAttempts(options: AttemptsOptions): Attempt {
  const { budget, spend, depart, clock, groups, random } = options;

  return async <R extends { readonly usage: Usage }, Kept>(
    endpoint: AttemptedEndpoint,
    { send, tokens, mostUsd }: Attemptable<R>,
    signal: AbortSignal,
    keep: (attempted: Attempted<R>) => Promise<Kept>,
  ): Promise<Kept> => {
    const { limiter, trial, name, model } = endpoint;
    const { ended } = limiter;
    let reservation = await budget.reserve(mostUsd, signal);
    let attempts = 0;
    let usedUp = 0;
    let busySinceMs: number | null = null;
    let account = (): void => undefined;
    const leave = limiter.arrive();

    const spendOne = async (mayBePaid: boolean): Promise<void> => {
      await spend(model, mayBePaid ? (mostUsd ?? 0) : 0);
      account();
    };

    const attempt = async (slot: Slot): Promise<Attempted<R> | TransportError> => {
      attempts += 1;
      const attempted = (result: Attempted<R>["result"], usage: Usage): Attempted<R> => ({
        ...{ result, usage, attempts, isSpent: false },
        latencyMs: clock.now() - slot.sentAtMs,
      });
      try {
        const reply = await send(signal);
        noteOutcome(endpoint, "ok", "");
        return attempted({ status: "ok", reply }, reply.usage);
      } catch (thrown) {
        if (signal.aborted || !(thrown instanceof TransportError)) {
          limiter.release(slot);
          await spendOne(true);
          signal.throwIfAborted();
          throw thrown;
        }
        const { fault, message } = presentFault(thrown, trial);
        if (fault.kind === "fatal") {
          const told = `${name}: ${message}`;
          const reason = limiter.end(new FlowError("PROVIDER_FAILED", told, { cause: thrown }));
          limiter.release(slot);
          await spendOne(fault.mayBePaid === true);
          throw reason;
        }
        if (fault.kind !== "prompt") return new TransportError(fault, message, { cause: thrown });
        noteOutcome(endpoint, fault.fault, message);
        return attempted({ status: fault.fault, reason: message }, fault.usage ?? unknownUsage);
      }
    };

    try {
      let slot = await limiter.enter(tokens, signal);
      for (;;) {
        try {
          account = await depart(mostUsd ?? 0);
        } catch (thrown) {
          limiter.release(slot);
          throw thrown;
        }
        if (signal.aborted || ended.aborted) {
          account();
          limiter.release(slot);
          signal.throwIfAborted();
          ended.throwIfAborted();
        }
        const outcome = await attempt(slot);
        if (!(outcome instanceof TransportError)) {
          try {
            const kept = await keep(outcome);
            account();
            return kept;
          } finally {
            limiter.answered(slot, allTokens(outcome.usage), outcome.result.status !== "failed");
          }
        }
        const { fault, message } = outcome;
        const isPrompts = "isResponse" in fault && fault.isResponse && mayBePrompt(trial);
        let rest = null;
        if (fault.kind === "busy") {
          rest = limiter.busy(slot, fault.retryAfterMs, message);
          busySinceMs ??= clock.now();
          if (clock.now() - busySinceMs >= limiter.limits().downAfterS * 1000) usedUp += 1;
        } else {
          limiter.failed(slot, message, isPrompts);
          usedUp += 1;
        }
        await spendOne(fault.kind === "transient" && fault.mayBePaid === true);
        const isOthersAnswered = isPrompts || limiter.hasAnsweredLately();
        if (usedUp >= limiter.limits().attempts && isOthersAnswered) {
          rest?.leave();
          const reason = `no answer in ${attempts} attempts; the last: ${message}`;
          noteOutcome(endpoint, "failed", reason);
          const result = { status: "failed", reason } as const;
          return await keep({
            ...{ result, usage: unknownUsage, attempts, isSpent: true },
            latencyMs: clock.now() - slot.sentAtMs,
          });
        }
        const isReserved = reservation.renew();
        if (rest !== null && isReserved) {
          slot = await rest.over(signal);
          continue;
        }
        rest?.leave();
        if (!isReserved) reservation = await budget.reserve(mostUsd, signal);
        if (fault.kind === "transient") {
          await waited(backoffMs(usedUp) * random(), [signal, ended], { clock, groups });
        }
        slot = await limiter.enter(tokens, signal);
      }
    } finally {
      leave();
      reservation.release();
    }
  };
}
