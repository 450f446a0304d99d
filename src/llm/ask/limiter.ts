import { FlowError } from "../../base/errors.ts";
import type { AbortGroups } from "./abort-groups.ts";
import { createAdaptiveWindow } from "./adaptive-window.ts";
import { backoffMs } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { createRateBucket, type RateBucket } from "./rate-bucket.ts";
import type { Limits } from "../settings.ts";

/** Permission to send one request. Returned exactly once, by one of the {@link Limiter}'s outcomes. */
export interface Slot {
  readonly sentAtMs: number;
  /** Estimated tokens of prompt and answer. */
  readonly tokens: number;
  /** Whether it is the single request that probes a silent endpoint. */
  readonly isProbe: boolean;
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
  /** The endpoint answered; `tokens` by its own count. */
  readonly answered: (slot: Slot, tokens: number | null) => void;
  /** The endpoint asked to wait: nothing is sent for a while. */
  readonly busy: (slot: Slot, retryAfterMs: number | null, reason: string) => void;
  /** No answer, for a reason that may be temporary. */
  readonly failed: (slot: Slot, reason: string) => void;
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
}

interface Waiter {
  readonly tokens: number;
  readonly resolve: (slot: Slot) => void;
  readonly leave: () => void;
  readonly signal: AbortSignal;
  next: Waiter | null;
}

/** After this many attempts in a row without an answer, requests are sent one at a time. */
const silentAfter = 8;
const timeoutShare = 0.95;

/**
 * Combines an adaptive window of requests in flight, rate limits for requests and tokens, a shared pause after "too many requests", and
 * single probes at growing intervals while the endpoint is silent.
 */
export function createLimiter(options: LimiterOptions): Limiter {
  const { endpoint, clock, groups, random } = options;
  let limits = options.limits;
  const ending = new AbortController();
  const window = createAdaptiveWindow(limits.inFlight);
  let requests = bucketOf(limits.requestsPerMinute);
  let tokens = bucketOf(limits.tokensPerMinute);

  let first: Waiter | null = null;
  let last: Waiter | null = null;
  let asking = 0;
  let underWay = 0;
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

  function bucketOf(perMinute: number | undefined): RateBucket | null {
    return perMinute === undefined ? null : createRateBucket(perMinute, clock.now());
  }

  /** Milliseconds until the next request may be sent; infinite while another outcome must come first. */
  const waitMs = (nowMs: number): number => {
    if (failedProbes === null ? underWay >= window.size() : isProbeUnderWay) return Infinity;
    return Math.max(openAtMs - nowMs, requests?.waitMs(nowMs) ?? 0, tokens?.waitMs(nowMs) ?? 0, 0);
  };

  const start = (estimate: number, nowMs: number): Slot => {
    underWay += 1;
    requests?.take(1);
    tokens?.take(estimate);
    const isProbe = failedProbes !== null;
    if (isProbe) isProbeUnderWay = true;
    return { sentAtMs: nowMs, tokens: estimate, isProbe };
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
    while (first && !ending.signal.aborted) {
      const waiter: Waiter = first;
      if (!waiter.signal.aborted) {
        const nowMs = clock.now();
        const delayMs = waitMs(nowMs);
        if (delayMs > 0) {
          if (Number.isFinite(delayMs)) wakeIn(delayMs, nowMs);
          return;
        }
        waiter.leave();
        waiter.resolve(start(waiter.tokens, nowMs));
      }
      first = waiter.next;
      if (!first) last = null;
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
      if (!first) {
        const nowMs = clock.now();
        if (waitMs(nowMs) === 0) return start(estimate, nowMs);
      }
      return new Promise((resolve, reject) => {
        const leave = groups.join([signal, ending.signal], (reason) => {
          leave();
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a signal's reason is passed on unchanged
          reject(reason);
          letThrough();
        });
        const waiter: Waiter = { tokens: estimate, resolve, leave, signal, next: null };
        if (last) last.next = waiter;
        else first = waiter;
        last = waiter;
        letThrough();
      });
    },
    answered: (slot, used) => {
      handBack(slot);
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
      const nowMs = clock.now();
      silentAttempts = 0;
      failedProbes = null;
      window.shrink(slot.sentAtMs, nowMs);
      let pauseMs = retryAfterMs ?? 0;
      if (slot.sentAtMs >= busyAtMs) {
        busyAtMs = nowMs;
        busyInRow += 1;
        const spreadMs = backoffMs(busyInRow) * (0.5 + random() / 2);
        pauseMs = retryAfterMs ?? spreadMs;
      }
      openAtMs = Math.max(openAtMs, nowMs + pauseMs);
      noteSilence(slot, nowMs, reason);
      if (pauseMs > limits.downAfterS * 1000) end(tooLongAWait(endpoint, pauseMs, limits, reason));
      letThrough();
    },
    failed: (slot, reason) => {
      handBack(slot);
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
    hasAnsweredLately: () => clock.now() - lastAnswerMs <= limits.downAfterS * 1000,
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

function lowerLimits(one: Limits, other: Limits): Limits {
  const lower = (a: number | undefined, b: number | undefined): number | undefined =>
    a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
  return {
    inFlight: Math.min(one.inFlight, other.inFlight),
    requestsPerMinute: lower(one.requestsPerMinute, other.requestsPerMinute),
    tokensPerMinute: lower(one.tokensPerMinute, other.tokensPerMinute),
    timeoutS: Math.min(one.timeoutS, other.timeoutS),
    attempts: Math.min(one.attempts, other.attempts),
    downAfterS: Math.min(one.downAfterS, other.downAfterS),
  };
}
