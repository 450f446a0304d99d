/** @file What a reader of compared runs has to know; console, page and LaTeX share it. */
import { formatCount } from "../../page/format-number.ts";
import type { NotPaired, RunComparison } from "./run-comparison.ts";

/** How the intervals between runs were computed; null without intervals. */
export function differenceSentence({ runs, differences }: RunComparison): string | null {
  const [first] = runs;
  const drawn = differences.filter(({ aucInterval }) => aucInterval !== null);
  if (first === undefined || drawn.length === 0) return null;
  const resamples = [...new Set(drawn.map((one) => one.resamples))].map(formatCount).join(" and ");
  const several =
    drawn.length === 1
      ? ""
      : `; p-values are two-sided, from the same resamples, and corrected by Holm’s method for all ${formatCount(drawn.length)} differences, which the intervals are not`;
  return (
    `a run minus ${first.run}, on the same test rows, of the seeds that both have; ` +
    `95 % intervals, paired bootstrap over users, ${resamples} resamples${several}`
  );
}

/** "runs/b has no intervals against runs/a: protocol: leakfree in a, paper in b; …". */
export function notPairedSentence(
  { runs: [first] }: RunComparison,
  { run, reasons }: NotPaired,
): string {
  return `${run} has no intervals against ${first?.run ?? ""}: ${reasons.join("; ")}`;
}

/** Says of simulated runs what their figures mean; null without any. */
export function simulatedSentence({ runs }: RunComparison): string | null {
  const simulated = runs.filter((run) => run.simulated).map(({ run }) => run);
  if (simulated.length === 0) return null;
  const which =
    simulated.length === runs.length
      ? "All runs are"
      : `Simulated are: ${simulated.join(", ")}; these are`;
  return `${which} on simulated events: such figures show that the pipeline works, not what to expect on real data.`;
}

/** Runs whose scores were selected on the test split; null without any. */
export function selectedOnTestSentence({ runs }: RunComparison): string | null {
  const flattered = runs.filter(({ selectedOn }) => selectedOn.includes("test"));
  if (flattered.length === 0) return null;
  return `Selected on test, which flatters every score: ${flattered.map(({ run }) => run).join(", ")}`;
}
