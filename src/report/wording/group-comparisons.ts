import { groupBy } from "../../base/group-by.ts";
import type { Comparison } from "../run-results.ts";

/** A variant's comparisons of one kind, on all backbones. */
export interface VariantComparisons {
  readonly variant: string;
  readonly comparisons: readonly Comparison[];
}

/** Every variant against Base. */
export function againstBase(comparisons: readonly Comparison[]): readonly Comparison[] {
  return comparisons.filter(({ baselineRole }) => baselineRole === "base");
}

/** What a run is about, against Base: its knowledge variants or, where it has none, its controls. */
export function headlineComparisons(
  comparisons: readonly Comparison[],
): readonly VariantComparisons[] {
  const all = againstBase(comparisons);
  const knowledge = all.filter(({ role }) => role === "knowledge");
  return byVariant(knowledge.length > 0 ? knowledge : all);
}

/** Every knowledge variant against the controls; none without controls. */
export function overControls(comparisons: readonly Comparison[]): readonly VariantComparisons[] {
  return byVariant(comparisons.filter(({ baselineRole }) => baselineRole === "control"));
}

function byVariant(comparisons: readonly Comparison[]): readonly VariantComparisons[] {
  return groupBy(comparisons, ({ variant }) => [variant]).map((own) => ({
    variant: own[0]?.variant ?? "",
    comparisons: own,
  }));
}
