import { FlowError } from "../../base/errors.ts";
import type { AbortGroups } from "./abort-groups.ts";
import { createAdaptiveWindow } from "./adaptive-window.ts";
import { backoffMs } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { lowerLimits } from "./lower-limits.ts";
import { createRateBucket, type RateBucket } from "./rate-bucket.ts";
import type { Slot } from "./slot.ts";
import { waited } from "./waited.ts";
import { createWaitingLine, type Waiter } from "./waiting-line.ts";
import type { Limits } from "../settings.ts";

/** The place of a request that the endpoint refused for now, to be waited out or left, once. */
export interface Rest {
  /** Waits its time, then for permission to send again. @throws The reason of `signal` or `ended` */
  readonly over: (signal: AbortSignal) => Promise<Slot>;
  /** Gives the place to the next request. */
  readonly leave: () => void;
}

/** Paces all requests to one model at the same endpoints. First come, first served. */
export interface Limiter {
  /** Aborted with the error every caller receives, once the endpoint is given up. */
  readonly ended: AbortSignal;
  /** The limits in force: the lowest of all clients. */
  readonly limits: () => Limits;
  readonly tighten: (limits: Limits) => void;
  /** Call before asking; call the returned function when done. In between, the endpoint's silence counts. */
  readonly arrive: () => () => void;
  /** Waits for permission to send. @throws The reason of `signal` or `ended` */
  readonly enter: (tokens: number, signal: AbortSignal) => Promise<Slot> | Slot;
  /**
   * The endpoint answered.
   *
   * @param tokens - By its own count
   * @param isUnderstandable - Whether this was an answer, or a refusal of the prompt: both sides speak the same protocol
   */
  readonly answered: (slot: Slot, tokens: number | null, isUnderstandable: boolean) => void;
  /**
   * The endpoint refused the request for now. It keeps its place while it waits; only when most requests are refused does everyone wait.
   *
   * @param retryAfterMs - What the endpoint asks for; null when it does not say
   */
  readonly busy: (slot: Slot, retryAfterMs: number | null, reason: string) => Rest;
  /** No answer, for a reason that may be temporary. `isPrompts`: it lies with the prompt, and says nothing about the endpoint. */
  readonly failed: (slot: Slot, reason: string, isPrompts: boolean) => void;
  /** The request was aborted. */
  readonly release: (slot: Slot) => void;
  /** Whether there was any answer in the last `downAfterS` seconds. */
  readonly hasAnsweredLately: () => boolean;
  /** Gives up on the endpoint. @returns The error every caller receives: that of the first call */
  readonly end: (error: Error) => unknown;
}

/** What a limiter needs. */
export interface LimiterOptions {
  /** The endpoint's name in errors; contains no secrets. */
  readonly endpoint: string;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly groups: AbortGroups;
  /** Returns numbers in [0, 1); spreads waiting times. */
  readonly random: () => number;
  /** Whether the first answer need not be waited for, as the model runs in this process. Default false. */
  readonly isUnderstood?: boolean;
}

/** After this many attempts in a row without an answer, requests are sent one at a time. */
const silentAfter = 8;
const timeoutShare = 0.95;

/**
 * Sends the first request alone, until one shows that the endpoint is understood: every answer of an unknown shape would be paid for.
 *
 * Then combines an adaptive window of requests in flight, rate limits for requests and tokens, a wait for each request that was refused for now
 * ("too many requests"), a shared pause when that is the rule, and single probes at growing intervals while the endpoint is silent.
 */
export function createLimiter(options: LimiterOptions): Limiter {
  const { endpoint, clock, groups, random } = options;
  let limits = options.limits;
  const ending = new AbortController();
  const window = createAdaptiveWindow(limits.inFlight);
  let requests = bucketOf(limits.requestsPerMinute);
  let tokens = bucketOf(limits.tokensPerMinute);

  const newcomers = createWaitingLine(groups);
  const returning = createWaitingLine(groups);
  let asking = 0;
  let underWay = 0;
  let resting = 0;
  let openAtMs = Number.NEGATIVE_INFINITY;
  let cancelWake: (() => void) | null = null;
  let wakeAtMs = 0;

  let lastAnswerMs = Number.NEGATIVE_INFINITY;
  let silentSinceMs: number | null = null;
  let silentAttempts = 0;
  let busyInRow = 0;
  let busyAtMs = Number.NEGATIVE_INFINITY;
  let failedProbes: number | null = null;
  let isProbeUnderWay = false;
  let isUnderstood = options.isUnderstood ?? false;

  function bucketOf(perMinute: number | undefined): RateBucket | null {
    return perMinute === undefined ? null : createRateBucket(perMinute, clock.now());
  }

  const isFull = (isReturning: boolean): boolean => {
    if (failedProbes !== null) return isProbeUnderWay;
    if (!isUnderstood) return underWay > 0;
    return (isReturning ? underWay : underWay + resting) >= window.size();
  };

  /** Milliseconds until the next request may be sent; infinite while another outcome must come first. */
  const waitMs = (nowMs: number, isReturning: boolean): number => {
    if (isFull(isReturning)) return Infinity;
    return Math.max(openAtMs - nowMs, requests?.waitMs(nowMs) ?? 0, tokens?.waitMs(nowMs) ?? 0, 0);
  };

  const start = (estimate: number, refusals: number, nowMs: number): Slot => {
    underWay += 1;
    requests?.take(1);
    tokens?.take(estimate);
    const isProbe = failedProbes !== null;
    if (isProbe) isProbeUnderWay = true;
    return { sentAtMs: nowMs, tokens: estimate, isProbe, refusals };
  };

  const wakeIn = (delayMs: number, nowMs: number): void => {
    if (cancelWake && wakeAtMs <= nowMs + delayMs) return;
    cancelWake?.();
    wakeAtMs = nowMs + delayMs;
    cancelWake = clock.after(delayMs, () => {
      cancelWake = null;
      letThrough();
    });
  };

  const letThrough = (): void => {
    while (!ending.signal.aborted) {
      const back = returning.first();
      const waiter = back ?? newcomers.first();
      if (waiter === null) break;
      const nowMs = clock.now();
      const delayMs = waitMs(nowMs, back !== null);
      if (delayMs > 0) {
        if (Number.isFinite(delayMs)) wakeIn(delayMs, nowMs);
        return;
      }
      (back === null ? newcomers : returning).next();
      if (back !== null) resting -= 1;
      waiter.send(start(waiter.tokens, waiter.refusals, nowMs));
    }
    cancelWake?.();
    cancelWake = null;
  };

  const handBack = (slot: Slot): void => {
    underWay -= 1;
    if (slot.isProbe) isProbeUnderWay = false;
  };

  const end = (error: Error): unknown => {
    if (!ending.signal.aborted) ending.abort(error);
    cancelWake?.();
    cancelWake = null;
    return ending.signal.reason;
  };

  const noteSilence = (slot: Slot, nowMs: number, reason: string): void => {
    silentSinceMs ??= Math.max(slot.sentAtMs, lastAnswerMs);
    if (nowMs - silentSinceMs < limits.downAfterS * 1000) return;
    const cure =
      "Start the server, or wait until it has capacity, and run again: all answers so far are kept.";
    end(
      new FlowError(
        "PROVIDER_FAILED",
        `${endpoint}: no answer for ${Math.round((nowMs - silentSinceMs) / 1000)} s; the last attempt: ${reason}. ${cure}`,
      ),
    );
  };

  const hasAnsweredLately = (): boolean => clock.now() - lastAnswerMs <= limits.downAfterS * 1000;

  /** The wait after the n-th refusal in a row, unless the endpoint asks for a longer one. */
  const spreadMs = (refusals: number): number => backoffMs(refusals) * (0.5 + random() / 2);

  const pauseAll = (slot: Slot, toldMs: number, nowMs: number): void => {
    let pauseMs = toldMs;
    if (slot.sentAtMs >= busyAtMs) {
      busyAtMs = nowMs;
      busyInRow += 1;
      pauseMs = Math.max(toldMs, spreadMs(busyInRow));
    }
    openAtMs = Math.max(openAtMs, nowMs + Math.min(pauseMs, limits.downAfterS * 1000));
  };

  const restOf = (who: Pick<Waiter, "tokens" | "refusals">, waitsMs: number): Rest => {
    const leave = (): void => {
      resting -= 1;
      letThrough();
    };
    return {
      leave,
      over: async (signal) => {
        const signals = [signal, ending.signal];
        try {
          await waited(waitsMs, signals, { clock, groups });
        } catch (reason) {
          leave();
          throw reason;
        }
        const slot = returning.wait(who, signals, leave);
        letThrough();
        return slot;
      },
    };
  };

  return {
    ended: ending.signal,
    limits: () => limits,
    tighten: (other) => {
      const lower = lowerLimits(limits, other);
      if (lower.requestsPerMinute !== limits.requestsPerMinute) {
        requests = bucketOf(lower.requestsPerMinute);
      }
      if (lower.tokensPerMinute !== limits.tokensPerMinute) {
        tokens = bucketOf(lower.tokensPerMinute);
      }
      window.bound(lower.inFlight);
      limits = lower;
    },
    arrive: () => {
      if (asking === 0) silentSinceMs = null;
      asking += 1;
      return () => {
        asking -= 1;
      };
    },
    enter: (estimate, signal) => {
      signal.throwIfAborted();
      ending.signal.throwIfAborted();
      const nowMs = clock.now();
      if (returning.first() === null && newcomers.first() === null && waitMs(nowMs, false) === 0) {
        return start(estimate, 0, nowMs);
      }
      const slot = newcomers.wait(
        { tokens: estimate, refusals: 0 },
        [signal, ending.signal],
        letThrough,
      );
      letThrough();
      return slot;
    },
    answered: (slot, used, isUnderstandable) => {
      handBack(slot);
      isUnderstood ||= isUnderstandable;
      if (used !== null) tokens?.give(slot.tokens - used);
      lastAnswerMs = clock.now();
      silentSinceMs = null;
      silentAttempts = 0;
      failedProbes = null;
      busyInRow = 0;
      window.grow();
      letThrough();
    },
    busy: (slot, retryAfterMs, reason) => {
      handBack(slot);
      resting += 1;
      const nowMs = clock.now();
      const refusals = slot.refusals + 1;
      silentAttempts = 0;
      failedProbes = null;
      window.refuse(slot.sentAtMs, nowMs);
      const toldMs = retryAfterMs ?? 0;
      if (window.isOverloaded()) pauseAll(slot, toldMs, nowMs);
      noteSilence(slot, nowMs, reason);
      const isNobodyAnswered = underWay === 0 || window.isOverloaded();
      if (toldMs > limits.downAfterS * 1000 && isNobodyAnswered) {
        end(tooLongAWait(endpoint, toldMs, limits, reason));
      }
      const waitsMs = Math.min(Math.max(toldMs, spreadMs(refusals)), limits.downAfterS * 1000);
      letThrough();
      return restOf({ tokens: slot.tokens, refusals }, waitsMs);
    },
    failed: (slot, reason, isPrompts) => {
      handBack(slot);
      if (isPrompts) {
        isUnderstood = true;
        silentAttempts = 0;
        letThrough();
        return;
      }
      const nowMs = clock.now();
      silentAttempts += 1;
      if (nowMs - slot.sentAtMs >= limits.timeoutS * 1000 * timeoutShare) {
        window.shrink(slot.sentAtMs, nowMs);
      }
      noteSilence(slot, nowMs, reason);
      if (slot.isProbe || (failedProbes === null && silentAttempts >= silentAfter)) {
        failedProbes = (failedProbes ?? 0) + 1;
        const downInMs = (silentSinceMs ?? nowMs) + limits.downAfterS * 1000 - nowMs;
        openAtMs = Math.max(openAtMs, nowMs + Math.min(backoffMs(failedProbes + 1), downInMs));
      }
      letThrough();
    },
    release: (slot) => {
      handBack(slot);
      letThrough();
    },
    hasAnsweredLately,
    end,
  };
}

function tooLongAWait(
  endpoint: string,
  pauseMs: number,
  { downAfterS }: Limits,
  reason: string,
): FlowError {
  return new FlowError(
    "PROVIDER_FAILED",
    `${endpoint}: asks to wait ${Math.round(pauseMs / 1000)} s, longer than limits.downAfterS = ${downAfterS} (${reason}). ` +
      "Run again then, or raise limits.downAfterS to wait in the run: every answer so far is kept.",
  );
}
