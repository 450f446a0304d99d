import { groupBy } from "../base/group-by.ts";
import type { TrialRow } from "./trial-results.ts";

/** A variant and its baseline on one backbone, with the seeds that both were trained with. */
export interface Pairing<Model extends TrialRow> {
  readonly backbone: string;
  readonly variant: string;
  readonly baseline: string;
  readonly baselineModels: readonly Model[];
  readonly models: readonly Model[];
}

/**
 * Pairs every variant with Base, and every knowledge variant with every control, on each backbone.
 *
 * @param models - Those of one trial per backbone and variant
 */
export function pairModels<Model extends TrialRow>(
  models: readonly Model[],
): readonly Pairing<Model>[] {
  const groups = groupBy(models, ({ backbone, variant }) => [backbone, variant]);
  return groups.flatMap((candidates) =>
    groups.flatMap((baselines) => pairOf(baselines, candidates)),
  );
}

function pairOf<Model extends TrialRow>(
  baselines: readonly Model[],
  candidates: readonly Model[],
): readonly Pairing<Model>[] {
  const [baseline] = baselines;
  const [candidate] = candidates;
  if (baseline === undefined || candidate === undefined) return [];
  const { backbone, variant } = candidate;
  if (baseline.backbone !== backbone || !isWorthComparing(candidate, baseline)) return [];
  const sharesSeed = (others: readonly Model[]) => (model: Model) =>
    others.some(({ seed }) => seed === model.seed);
  const baselineModels = baselines.filter(sharesSeed(candidates));
  const models = candidates.filter(sharesSeed(baselines));
  if (models.length === 0) return [];
  return [{ backbone, variant, baseline: baseline.variant, baselineModels, models }];
}

function isWorthComparing(candidate: TrialRow, baseline: TrialRow): boolean {
  if (baseline.role === "base") return candidate.role !== "base";
  return baseline.role === "control" && candidate.role === "knowledge";
}
