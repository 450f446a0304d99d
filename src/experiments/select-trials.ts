import { groupBy } from "../base/group-by.ts";
import { meanAndSd } from "../metrics/metrics.ts";
import type { Selection, SelectionMetric } from "../base/terms.ts";

/** A trained model's metrics that matter for selection. */
export interface TrialResult {
  readonly backbone: string;
  readonly variant: string;
  readonly trial: number;
  readonly seed: number;
  /** The split that chose the scored epoch. */
  readonly selectedOn: Selection;
  /** On the test split; null if all its rows have the same label. */
  readonly auc: number | null;
  /** On the test split, nats. */
  readonly logLoss: number;
  /** Of the scored epoch; null without a validation split, or if all its rows have the same label. */
  readonly validAuc: number | null;
  /** Nats; null without a validation split. */
  readonly validLogLoss: number | null;
}

/** A row of the table `selections`. */
export interface TrialSelection {
  readonly backbone: string;
  readonly variant: string;
  readonly trial: number;
  /** Number of seeds in the mean. */
  readonly seeds: number;
  readonly split: Selection;
  readonly metric: SelectionMetric;
  /** Mean over seeds at their scored epochs; null if any seed has none. */
  readonly value: number | null;
  readonly isSelected: boolean;
}

/**
 * Chooses one trial per backbone and variant: the one with the best mean over seeds on the split that chose the epochs; ties go to
 * the first. All variants have the same trials, so none is favoured by a longer search.
 *
 * @returns All trials, in the order in which backbone, variant and trial first occur
 */
export function selectTrials(
  results: readonly TrialResult[],
  metric: SelectionMetric,
): readonly TrialSelection[] {
  const trials = groupBy(results, ({ backbone, variant, trial }) => [backbone, variant, trial]);
  const candidates = trials.flatMap((models) => candidateOf(models, metric));
  const groups = groupBy(candidates, ({ backbone, variant }) => [backbone, variant]);
  return groups.flatMap((group) => {
    const selected = group.reduce((best, one) => (isBetter(one, best) ? one : best));
    return group.map((one) => ({ ...one, isSelected: one === selected }));
  });
}

type Candidate = Omit<TrialSelection, "isSelected">;

/** Summarises a trial with at least one model. */
function candidateOf(
  models: readonly TrialResult[],
  metric: SelectionMetric,
): readonly Candidate[] {
  const [first] = models;
  if (first === undefined) return [];
  const { backbone, variant, trial, selectedOn: split } = first;
  const values = models.flatMap((model) => valueOf(model, metric) ?? []);
  const value = values.length === models.length ? meanAndSd(values).mean : null;
  return [{ backbone, variant, trial, seeds: models.length, split, metric, value }];
}

function valueOf(model: TrialResult, metric: SelectionMetric): number | null {
  switch (model.selectedOn) {
    case "valid":
      return metric === "auc" ? model.validAuc : model.validLogLoss;
    case "test":
      return metric === "auc" ? model.auc : model.logLoss;
    case "last":
      return null;
  }
}

function isBetter(one: Candidate, best: Candidate): boolean {
  if (one.value === null) return false;
  if (best.value === null) return true;
  return one.metric === "auc" ? one.value > best.value : one.value < best.value;
}
