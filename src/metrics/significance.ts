/** @file p-values of differences, and their correction where several are looked at together. */

/**
 * Two-sided p-value of "there is no difference": the difference in standard errors, as a standard normal deviate. With the standard
 * error of a bootstrap it needs far fewer resamples than counting those beyond zero, whose smallest p-value is 2 / resamples.
 *
 * @param standardError - >= 0; null if unknown
 * @returns 0 to 1; 1 if neither the difference nor its resamples differ from 0; null without a standard error
 */
export function twoSidedP(difference: number, standardError: number | null): number | null {
  if (standardError === null) return null;
  if (standardError === 0) return difference === 0 ? 1 : null;
  return erfc(Math.abs(difference / standardError) / Math.SQRT2);
}

/**
 * Corrects p-values of a family of comparisons by Holm's step-down method: the chance that any true "no difference" gets a value below
 * 0.05 is at most 5 %, however the comparisons depend on each other (Holm, "A Simple Sequentially Rejective Multiple Test Procedure",
 * 1979). The smallest of m values is multiplied by m, the next by m - 1 and so on; none gets less than the one before it, or more than 1.
 *
 * @param values - One per comparison, 0 to 1; null where there is none, which then does not count as a comparison
 * @returns In the order of `values`
 */
export function holm(values: readonly (number | null)[]): readonly (number | null)[] {
  const known = values.flatMap((value, place) => (value === null ? [] : [{ value, place }]));
  known.sort((a, b) => a.value - b.value);
  const corrected: (number | null)[] = values.map(() => null);
  let least = 0;
  for (const [rank, { value, place }] of known.entries()) {
    least = Math.max(least, Math.min(1, (known.length - rank) * value));
    corrected[place] = least;
  }
  return corrected;
}

/**
 * Complementary error function, for x >= 0; relative error below 2e-13 (Abramowitz and Stegun, "Handbook of Mathematical Functions",
 * 7.1.6 and 7.1.14).
 */
function erfc(x: number): number {
  const scale = Math.exp(-x * x) / Math.sqrt(Math.PI);
  if (x < 2) {
    let term = 2 * x;
    let sum = term;
    for (let n = 1; n < 60; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1 - scale * sum;
  }
  let fraction = x;
  for (let n = 80; n > 0; n--) fraction = x + n / 2 / fraction;
  return scale / fraction;
}
