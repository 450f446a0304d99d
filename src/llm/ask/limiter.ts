import { FlowError } from "../../base/errors.ts";
import type { AbortGroups } from "./abort-groups.ts";
import { createAdaptiveWindow } from "./adaptive-window.ts";
import { backoffMs } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { createRateBucket, type RateBucket } from "./rate-bucket.ts";
import type { Limits } from "../settings.ts";

/** Leave to send one request. Handed back once, by one of {@link Limiter}'s outcomes. */
export interface Slot {
  readonly sentAtMs: number;
  /** Prompt and answer, as estimated before. */
  readonly tokens: number;
  /** The one request by which a silent endpoint is tried. */
  readonly isProbe: boolean;
}

/** Paces everyone who asks the same model at the same endpoints. First come, first served. */
export interface Limiter {
  /** Aborted, with what everyone is told, once the endpoint will be asked no more. */
  readonly ended: AbortSignal;
  /** In force; the lower ones of all clients. */
  readonly limits: () => Limits;
  readonly tighten: (limits: Limits) => void;
  /** Says that somebody begins to ask; the returned function that he is done. In between the endpoint's silence counts. */
  readonly arrive: () => () => void;
  /** Waits for leave to send. @throws the reason of `signal` or `ended` */
  readonly enter: (tokens: number, signal: AbortSignal) => Promise<Slot> | Slot;
  /** The endpoint answered; `tokens` as it counted them. */
  readonly answered: (slot: Slot, tokens: number | null) => void;
  /** It asked for patience: nobody is let through for a while. */
  readonly busy: (slot: Slot, retryAfterMs: number | null, reason: string) => void;
  /** No answer, for a reason that may pass. */
  readonly failed: (slot: Slot, reason: string) => void;
  /** Neither: the request was given up. */
  readonly release: (slot: Slot) => void;
  /** Whether anything was answered in the last `downAfterS` seconds. */
  readonly hasAnsweredLately: () => boolean;
  /** Ends the endpoint for everyone. @returns what everyone is told, which is the first error given */
  readonly end: (error: Error) => unknown;
}

/** What a limiter needs. */
export interface LimiterOptions {
  /** Names the endpoint in errors; no secrets. */
  readonly endpoint: string;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly groups: AbortGroups;
  /** From 0 to below 1; spreads waiting times. */
  readonly random: () => number;
}

interface Waiter {
  readonly tokens: number;
  readonly resolve: (slot: Slot) => void;
  readonly leave: () => void;
  readonly signal: AbortSignal;
  next: Waiter | null;
}

/** Attempts in a row without any answer after which one request at a time is let through. */
const silentAfter = 8;
const timeoutShare = 0.95;

/**
 * A window of requests under way that adapts to the endpoint, rates of requests and tokens, a cool-down for all when one is told to
 * wait, and single probes at growing intervals while nothing is answered.
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

  /** Milliseconds until the next request may go; infinite while it takes an outcome first. */
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
      "Start the server, or wait until it has room, and run again: every answer so far is kept.";
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
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a signal's reason, as it is
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
