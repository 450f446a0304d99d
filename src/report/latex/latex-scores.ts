/** @file Scores in LaTeX tables: four decimals, the best in bold, differences that an interval supports marked. */
import { formatCount } from "../../page/format-number.ts";
import type { Interval, MeanAndSpread, PValue } from "../run-results.ts";

/** Which end of a score is better. */
export type Better = "higher" | "lower";

/** Below this, a p-value counts. */
const significance = 0.05;

const better = "$^{*}$";
const worse = "$^{\\dagger}$";

/** The best of some means, as it is printed; undefined without any. All that print the same are the best. */
export function bestScore(scores: readonly MeanAndSpread[], which: Better): string | undefined {
  const means = scores.map(({ mean }) => mean);
  if (means.length === 0) return undefined;
  return digits(which === "higher" ? Math.max(...means) : Math.min(...means));
}

/** "\textbf{0.7312}$^{*}$ {\scriptsize $\pm$ 0.0011}". */
export function scoreCell(
  { mean, sd }: MeanAndSpread,
  best: string | undefined,
  mark = "",
): string {
  const text = digits(mean);
  const spread = sd === null ? "" : ` {\\scriptsize $\\pm$ ${digits(sd)}}`;
  return `${text === best ? `\\textbf{${text}}` : text}${mark}${spread}`;
}

/** "$+0.0109$ [$+0.0050$, $+0.0168$]"; empty for null. */
export function differenceCell(difference: number | null, interval: Interval): string {
  if (difference === null) return "";
  if (interval === null) return signed(difference);
  return `${signed(difference)} [${interval.map(signed).join(", ")}]`;
}

/**
 * The mark of a difference whose whole interval lies on one side of 0, and whose p-value, corrected for the others, is below 0.05;
 * empty for others.
 *
 * @param pHolm - Null where it is not known: then the interval alone decides
 */
export function markOf(interval: Interval, pHolm: PValue, which: Better): string {
  if (interval === null || (pHolm ?? 0) >= significance) return "";
  const [low, high] = interval;
  if (low > 0) return which === "higher" ? better : worse;
  if (high < 0) return which === "lower" ? better : worse;
  return "";
}

/**
 * What the marks mean and how they were tested, for a caption; null where nothing was tested.
 *
 * @param than - LaTeX, e.g. "Base"
 * @param family - What p-values are corrected for, e.g. "all differences"; null where the marks heed intervals alone
 */
export function marksSentence(
  than: string,
  resamples: readonly number[],
  family: string | null,
): string | null {
  const drawn = [...new Set(resamples)].filter((count) => count > 0);
  if (drawn.length === 0) return null;
  const test =
    family === null
      ? " excludes 0, not corrected for being several"
      : ` excludes 0, and $p < 0.05$ after Holm's correction for ${family}`;
  return (
    `${better} better, ${worse} worse than ${than}: the 95\\,\\% interval of the paired bootstrap over users ` +
    `(${drawn.map(formatCount).join(" and ")} resamples)${test}.`
  );
}

function digits(value: number): string {
  return value.toFixed(4);
}

function signed(value: number): string {
  return `$${value < 0 ? "-" : "+"}${digits(Math.abs(value))}$`;
}
