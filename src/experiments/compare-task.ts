import type { RunTask } from "../flow/task.ts";
import { withDatabase, type Row } from "../tables/database.ts";
import { mountTables } from "../tables/mount-tables.ts";
import { writeBatches } from "../tables/write-batches.ts";
import { bootstrapScores } from "../metrics/bootstrap.ts";
import { comparisonRow } from "./comparison-row.ts";
import { createPacer } from "../base/pacer.ts";
import { pairModels } from "./pairings.ts";
import { createRandom } from "../base/random.ts";
import { rowBatches } from "../tables/row-batches.ts";
import { loadScoredModels } from "./scored-models.ts";
import { selectTrials, type TrialSelection } from "./select-trials.ts";
import { compareTaskConfig } from "./settings.ts";
import { loadTrialResults, type TrialRow } from "./trial-results.ts";

/**
 * Chooses one trial per backbone and variant, then compares variants on the same seeds, test rows and resamples: every variant with
 * Base, every knowledge variant with every control.
 *
 * Config: `compareTaskConfig`. Reads results and predictions of all trained models, writes selections and comparisons.
 */
export const compare: RunTask = async (task, context) => {
  const { resamples, seed, stopOn } = compareTaskConfig.parse(task.config);
  const { selections, models, users } = await withDatabase(context, async (db) => {
    await mountTables(db, task.inputs, context.runDir);
    const results = await loadTrialResults(db);
    const trials = selectTrials(results, stopOn);
    const compared = pairedModels(results.filter((result) => isOfSelected(result, trials)));
    return { selections: trials, ...(await loadScoredModels(db, compared)) };
  });

  let scored = 0;
  const report = (): void => {
    const rowsTotal = models.length * resamples;
    context.progress({ rowsDone: scored, rowsTotal, unit: "scored resamples" });
  };
  const now = (): number => performance.now();
  const pace = createPacer({ signal: context.signal, now, report });
  const scores = await bootstrapScores({
    models,
    users,
    resamples,
    random: createRandom(seed, "users").uniform,
    afterModel: async () => {
      scored++;
      await pace();
    },
  });
  report();

  const scoresOf = new Map(scores.map((series, place) => [models[place], series]));
  const comparisons = pairModels(models).map((pairing) => comparisonRow(pairing, scoresOf));
  return withDatabase(context, async (db) => {
    const write = (table: string, rows: readonly Row[]) =>
      writeBatches(
        db,
        table,
        rowBatches(table, rows.length, (row) => rows[row] ?? {}),
        context,
      );
    return [
      await write("selections", selections.map(selectionRow)),
      await write("comparisons", comparisons),
    ];
  });
};

function isOfSelected(result: TrialRow, trials: readonly TrialSelection[]): boolean {
  return trials.some(
    ({ backbone, variant, trial, isSelected }) =>
      isSelected &&
      backbone === result.backbone &&
      variant === result.variant &&
      trial === result.trial,
  );
}

/** The models that take part in a comparison; the others are not read or resampled. */
function pairedModels(results: readonly TrialRow[]): readonly TrialRow[] {
  const paired = new Set(
    pairModels(results).flatMap(({ models, baselineModels }) => [...models, ...baselineModels]),
  );
  return results.filter((result) => paired.has(result));
}

function selectionRow({ isSelected, ...selection }: TrialSelection): Row {
  return { ...selection, is_selected: isSelected };
}
