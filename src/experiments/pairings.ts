import { groupBy } from "../base/group-by.ts";
import { variantRoles } from "../base/terms.ts";
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
 * Pairs every two variants on each backbone. The baseline is Base before a control, a control before knowledge, and within a role the
 * variant that is listed first.
 *
 * @param models - Those of one trial per backbone and variant
 * @param listed - Names of the variants in the order of the pipeline file; others come last, by name
 */
export function pairModels<Model extends TrialRow>(
  models: readonly Model[],
  listed: readonly string[],
): readonly Pairing<Model>[] {
  const groups = groupBy(models, ({ backbone, variant }) => [backbone, variant]);
  return groups.flatMap((candidates) =>
    groups.flatMap((baselines) => pairOf(baselines, candidates, listed)),
  );
}

function pairOf<Model extends TrialRow>(
  baselines: readonly Model[],
  candidates: readonly Model[],
  listed: readonly string[],
): readonly Pairing<Model>[] {
  const [baseline] = baselines;
  const [candidate] = candidates;
  if (baseline === undefined || candidate === undefined) return [];
  const { backbone, variant } = candidate;
  if (baseline.backbone !== backbone || !comesBefore(baseline, candidate, listed)) return [];
  const sharesSeed = (others: readonly Model[]) => (model: Model) =>
    others.some(({ seed }) => seed === model.seed);
  const baselineModels = baselines.filter(sharesSeed(candidates));
  const models = candidates.filter(sharesSeed(baselines));
  if (models.length === 0) return [];
  return [{ backbone, variant, baseline: baseline.variant, baselineModels, models }];
}

function comesBefore(one: TrialRow, other: TrialRow, listed: readonly string[]): boolean {
  const roles = variantRoles.indexOf(one.role) - variantRoles.indexOf(other.role);
  if (roles !== 0) return roles < 0;
  const places = placeOf(one, listed) - placeOf(other, listed);
  return places === 0 ? one.variant < other.variant : places < 0;
}

function placeOf({ variant }: TrialRow, listed: readonly string[]): number {
  const place = listed.indexOf(variant);
  return place < 0 ? listed.length : place;
}
