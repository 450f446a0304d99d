/** @file Formats scores and their differences, for the console and the page. */

import type { Interval, MeanAndSpread, PValue } from "../run-results.ts";

/** An AUC, a LogLoss: four decimals. */
export function formatScore(score: number): string {
  return score.toFixed(4).replace("-", "−");
}

/** "0.7312 ± 0.0011"; without the spread for a single seed. */
export function formatMeanAndSpread({ mean, sd }: MeanAndSpread): string {
  return sd === null ? formatScore(mean) : `${formatScore(mean)} ± ${formatScore(sd)}`;
}

/** A difference of scores, sign first: "+0.0109". */
export function formatLift(lift: number): string {
  return signed(lift, (size) => size.toFixed(4));
}

/** "+0.0300 [+0.0100, +0.0500]"; only the lift if there is no interval. */
export function formatLiftAndInterval(lift: number, interval: Interval): string {
  if (interval === null) return formatLift(lift);
  const [low, high] = interval.map(formatLift);
  return `${formatLift(lift)} [${low}, ${high}]`;
}

/** A signed ratio as a percentage: 0.0149 is "+1.49 %". */
export function formatRelative(share: number): string {
  return signed(share, (size) => `${(size * 100).toFixed(2)} %`);
}

/** "0.013", "<0.001"; empty without one. */
export function formatP(p: PValue): string {
  if (p === null) return "";
  return p < 0.001 ? "<0.001" : p.toFixed(3);
}

function signed(value: number, format: (size: number) => string): string {
  return `${value < 0 ? "−" : "+"}${format(Math.abs(value))}`;
}
