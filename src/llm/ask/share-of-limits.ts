import type { Limits } from "../settings.ts";

/**
 * The part of a run's limits that one of several processes keeps to which ask at the same time. Rates are divided exactly; a process has
 * at least one request in flight.
 *
 * @param share - Above 0, at most 1
 */
export function shareOfLimits(limits: Limits, share: number): Limits {
  if (share === 1) return limits;
  const part = (limit: number | undefined): number | undefined => limit && limit * share;
  return {
    ...limits,
    inFlight: Math.max(1, Math.floor(limits.inFlight * share)),
    requestsPerMinute: part(limits.requestsPerMinute),
    tokensPerMinute: part(limits.tokensPerMinute),
  };
}
