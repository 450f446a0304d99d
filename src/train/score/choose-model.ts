import { FlowError } from "../../base/errors.ts";
import type { ModelCard } from "../export/model-card.ts";
import { modelName } from "../../base/terms.ts";

/** Which models to consider; an absent key matches any value. */
export interface ModelFilter {
  readonly backbone?: string;
  readonly variant?: string;
  readonly seed?: number;
  readonly trial?: number;
}

/** A chosen model, and the reason. */
export interface ModelChoice<Candidate> {
  readonly chosen: Candidate;
  /** E.g. "highest AUC on the valid split, 0.7901, of 12 models". */
  readonly reason: string;
}

/** The name of the card's model. */
export function nameOf({ model, ...identity }: ModelCard): string {
  return modelName({ backbone: model.backbone, ...identity });
}

/**
 * The best of the matching models, by the metric and split that chose its epoch.
 *
 * @throws `CONFIG_INVALID` if none matches, or if several match but no split was used for selection
 */
export function chooseModel<Candidate extends { readonly card: ModelCard }>(
  candidates: readonly Candidate[],
  filter: ModelFilter,
): ModelChoice<Candidate> {
  const fitting = candidates.filter(({ card }) => fits(card, filter));
  const [first, ...others] = fitting;
  const namesOf = (models: readonly Candidate[]): string =>
    models.map(({ card }) => nameOf(card)).join(", ");
  if (first === undefined) {
    throw new FlowError("CONFIG_INVALID", `no such model; the run has ${namesOf(candidates)}`);
  }
  if (others.length === 0) return { chosen: first, reason: "the only one that fits" };
  const { selectedOn, selectedBy } = first.card;
  if (selectedOn === "last" || selectedBy === null) {
    throw new FlowError(
      "CONFIG_INVALID",
      "under this protocol no split chooses between models; name one with --backbone, --variant, --seed and --trial: " +
        namesOf(fitting),
    );
  }
  const quality = ({ card: { figures } }: Candidate): number =>
    selectedBy === "auc"
      ? ((selectedOn === "valid" ? figures.validAuc : figures.testAuc) ?? -Infinity)
      : -((selectedOn === "valid" ? figures.validLogLoss : figures.testLogLoss) ?? Infinity);
  const chosen = others.reduce((best, one) => (quality(one) > quality(best) ? one : best), first);
  const figure = selectedBy === "auc" ? "highest AUC" : "lowest log loss";
  const value = Math.abs(quality(chosen)).toFixed(4);
  return {
    chosen,
    reason: `${figure} on the ${selectedOn} split, ${value}, of ${fitting.length} models`,
  };
}

function fits(card: ModelCard, filter: ModelFilter): boolean {
  const { backbone, variant, seed, trial } = filter;
  return (
    (backbone === undefined || card.model.backbone === backbone) &&
    (variant === undefined || card.variant === variant) &&
    (seed === undefined || card.seed === seed) &&
    (trial === undefined || card.trial === trial)
  );
}
