import { groupBy } from "../../base/group-by.ts";
import type { Comparison } from "../run-results.ts";

/** Comparisons of one variant on all backbones. */
export interface VariantComparisons {
  readonly variant: string;
  readonly comparisons: readonly Comparison[];
}

/** Every variant against Base. */
export function againstBase(comparisons: readonly Comparison[]): readonly Comparison[] {
  return comparisons.filter(({ baselineRole }) => baselineRole === "base");
}

/** The headline of a run: its knowledge variants against Base or, if it has none, its controls against Base. */
export function headlineComparisons(
  comparisons: readonly Comparison[],
): readonly VariantComparisons[] {
  const all = againstBase(comparisons);
  const knowledge = all.filter(({ role }) => role === "knowledge");
  return byVariant(knowledge.length > 0 ? knowledge : all);
}

/** Every knowledge variant against the controls; empty without controls. */
export function overControls(comparisons: readonly Comparison[]): readonly VariantComparisons[] {
  return byVariant(comparisons.filter(({ baselineRole }) => baselineRole === "control"));
}

function byVariant(comparisons: readonly Comparison[]): readonly VariantComparisons[] {
  return groupBy(comparisons, ({ variant }) => [variant]).map((own) => ({
    variant: own[0]?.variant ?? "",
    comparisons: own,
  }));
}
