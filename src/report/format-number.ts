/** @file Numbers as readers see them, alike on the terminal and on the page. */

import type { Interval, MeanAndSpread } from "./run-results.ts";

/** 1234567 as "1,234,567". */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** An AUC, a LogLoss: four decimals. */
export function formatScore(score: number): string {
  return score.toFixed(4).replace("-", "−");
}

/** "0.7312 ± 0.0011"; without the spread when there is a single seed. */
export function formatMeanAndSpread({ mean, sd }: MeanAndSpread): string {
  return sd === null ? formatScore(mean) : `${formatScore(mean)} ± ${formatScore(sd)}`;
}

/** A difference of scores, sign first: "+0.0109". */
export function formatLift(lift: number): string {
  return signed(lift, (size) => size.toFixed(4));
}

/** "+0.0300 [+0.0100, +0.0500]"; without the interval when there is none. */
export function formatLiftAndInterval(lift: number, interval: Interval): string {
  if (interval === null) return formatLift(lift);
  const [low, high] = interval.map(formatLift);
  return `${formatLift(lift)} [${low}, ${high}]`;
}

/** A signed share as a percentage: 0.0149 is "+1.49 %". */
export function formatRelative(share: number): string {
  return signed(share, (size) => `${(size * 100).toFixed(2)} %`);
}

/** A share from 0 to 1 as a percentage: 0.5715 is "57.2 %". */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** A duration: "0.4 s", "12 s", "3 min 05 s", "2 h 07 min". */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${twoDigits(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

/** The day of an ISO 8601 time: "2000-12-30". */
export function formatDay(iso: string): string {
  return iso.slice(0, 10);
}

function signed(value: number, format: (size: number) => string): string {
  return `${value < 0 ? "−" : "+"}${format(Math.abs(value))}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
