/** The headers of a response. */
export interface ResponseHeaders {
  readonly get: (name: string) => string | null;
}

const resets = ["x-ratelimit-reset-requests", "x-ratelimit-reset-tokens", "x-ratelimit-reset"];
const msPerUnit = new Map([
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
]);
/** Numbers from here on are points in time, in seconds since 1970; above 1e11 in milliseconds. */
const firstEpochS = 1e9;

/**
 * How long a server asks to wait, ms; null when it does not say. `retry-after-ms` takes precedence over `retry-after` (seconds or a
 * date), and that over the latest reset of the rate limits (`1s`, `6m0s`, seconds, or a point in time).
 *
 * @param nowMs milliseconds since 1970
 */
export function retryAfterMs(headers: ResponseHeaders, nowMs: number): number | null {
  const exact = numberOf(headers.get("retry-after-ms"));
  if (exact !== null) return exact;
  const after = headers.get("retry-after");
  const seconds = numberOf(after);
  if (seconds !== null) return seconds * 1000;
  const date = after === null ? NaN : Date.parse(after);
  if (!Number.isNaN(date)) return Math.max(0, date - nowMs);
  const waits = resets.map((name) => untilReset(headers.get(name), nowMs));
  const known = waits.filter((wait) => wait !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function untilReset(value: string | null, nowMs: number): number | null {
  const number = numberOf(value);
  if (number !== null) {
    if (number < firstEpochS) return number * 1000;
    return Math.max(0, (number < 1e11 ? number * 1000 : number) - nowMs);
  }
  if (value === null || !/^(?:\d+(?:\.\d+)?(?:d|h|ms|m|s))+$/.test(value)) return null;
  let waitMs = 0;
  for (const [, count, unit] of value.matchAll(/([\d.]+)(d|h|ms|m|s)/g)) {
    waitMs += Number(count) * (msPerUnit.get(unit ?? "") ?? NaN);
  }
  return waitMs;
}

function numberOf(value: string | null): number | null {
  if (value === null || !/^\s*\d+(?:\.\d+)?\s*$/.test(value)) return null;
  return Number(value);
}
