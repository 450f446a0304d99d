import type { Limits } from "../settings.ts";

/** The lower of each limit: what clients that share an endpoint have to keep to. */
export function lowerLimits(one: Limits, other: Limits): Limits {
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
