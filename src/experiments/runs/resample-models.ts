import type { ModelIdentity } from "../../base/terms.ts";
import type { Database } from "../../tables/database.ts";
import { scoreModels, type PartScores } from "../score-models.ts";
import { loadTestRows } from "../test-rows.ts";
import { loadTrialResults, type TrialRow } from "../trial-results.ts";

/** A trained model with its scores on the test rows and in each resample of their users. */
export interface ResampledModel extends TrialRow {
  readonly scores: PartScores;
}

interface ResampleOptions {
  readonly resamples: number;
  /** Of the draws: runs with the same test rows, resampled with the same seed, have the same resamples. */
  readonly seed: number;
  readonly signal: AbortSignal;
}

/**
 * Scores some of a run's models in every resample of its test users.
 *
 * @param db - With the run's `samples`, `results` and `predictions`
 * @throws `INPUT_INVALID` if a model's predictions are incomplete
 */
export async function resampleModels(
  db: Database,
  isWanted: (model: ModelIdentity) => boolean,
  { resamples, seed, signal }: ResampleOptions,
): Promise<readonly ResampledModel[]> {
  const models = (await loadTrialResults(db)).filter(isWanted);
  const [first] = models;
  if (first === undefined) return [];
  const scores = await scoreModels({
    ...{ models, resamples, seed },
    test: { ...(await loadTestRows(db, first)), parts: [] },
    withViews: (use) => use(db),
    context: { signal, progress: () => undefined },
  });
  return models.flatMap((model) => {
    const own = scores.get(model);
    return own === undefined ? [] : { ...model, scores: own.whole };
  });
}
