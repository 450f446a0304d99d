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
  return byVariant(
    comparisons.filter(
      ({ role, baselineRole }) => role === "knowledge" && baselineRole === "control",
    ),
  );
}

/** Every knowledge variant against those listed before it; empty with a single one. Variants come in the order listed. */
export function betweenKnowledge(
  comparisons: readonly Comparison[],
): readonly VariantComparisons[] {
  const place = listedPlaces(comparisons);
  const between = comparisons
    .filter(({ baselineRole }) => baselineRole === "knowledge")
    .toSorted(
      (a, b) => place(a.variant) - place(b.variant) || place(a.baseline) - place(b.baseline),
    );
  return byVariant(between);
}

/** The variants of the comparisons: Base, controls, knowledge, each in the order listed. */
export function comparedVariants(comparisons: readonly Comparison[]): readonly string[] {
  const place = listedPlaces(comparisons);
  const names = new Set(comparisons.flatMap(({ variant, baseline }) => [baseline, variant]));
  return [...names].sort((a, b) => place(a) - place(b));
}

/** A variant is compared with all that come before it, so the number of its baselines is its place. */
function listedPlaces(comparisons: readonly Comparison[]): (variant: string) => number {
  const baselines = new Map<string, Set<string>>();
  for (const { variant, baseline } of comparisons) {
    const own = baselines.get(variant) ?? new Set<string>();
    baselines.set(variant, own.add(baseline));
  }
  return (variant) => baselines.get(variant)?.size ?? 0;
}

function byVariant(comparisons: readonly Comparison[]): readonly VariantComparisons[] {
  return groupBy(comparisons, ({ variant }) => [variant]).map((own) => ({
    variant: own[0]?.variant ?? "",
    comparisons: own,
  }));
}
