/** @file What benchmarks report, and how they sum up their rounds. */

/** The result of one case, as `--json` prints it. */
export interface ResultLine {
  readonly bench: string;
  readonly case: string;
  readonly value: number;
  /** Of `value` and `baselineValue`, e.g. "rows/s". */
  readonly unit: string;
  /** What the value is compared with; null: with nothing. */
  readonly baseline: string | null;
  readonly baselineValue: number | null;
  /** How many times the baseline it is; where there are rounds, the median of their ratios. */
  readonly ratio: number | null;
  readonly peakRssMb: number | null;
}

/** The middle value; of an even number of values, the upper one of the two in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** The median of the rounds' ratios: the machine's speed drifts between rounds, and within one less. */
export function medianRatio(values: readonly number[], baselines: readonly number[]): number {
  return median(values.map((value, round) => value / (baselines[round] ?? Number.NaN)));
}

/** To two decimals. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Prints lines as JSON. */
export function printJson(lines: readonly ResultLine[]): void {
  console.log(JSON.stringify(lines, null, 2));
}

/** A line for people. */
export function lineText(line: ResultLine): string {
  const { bench, case: name, value, unit, baseline, baselineValue, ratio } = line;
  const compared =
    baseline === null || baselineValue === null || ratio === null
      ? ""
      : ` = ${ratio} x ${baseline} (${baselineValue})`;
  return `${bench}: ${name}: ${value} ${unit}${compared}`;
}
