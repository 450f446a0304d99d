import type { RunTask } from "../flow/task.ts";
import { withDatabase, type Database, type Row } from "../tables/database.ts";
import { mountTables } from "../tables/mount-tables.ts";
import { writeBatches } from "../tables/write-batches.ts";
import { comparisonRows, sliceComparisonRows } from "./comparison-rows.ts";
import { pairModels } from "./pairings.ts";
import { rowBatches } from "../tables/row-batches.ts";
import { scoreModels } from "./score-models.ts";
import { selectTrials, type TrialSelection } from "./select-trials.ts";
import { compareTaskConfig } from "./settings.ts";
import { loadTestRows, type TestRows } from "./test-rows.ts";
import { loadTrialResults, type TrialRow } from "./trial-results.ts";

/**
 * Chooses one trial per backbone and variant, then compares every two variants of a backbone on the same seeds, test rows and
 * resamples: on all test rows, and on parts of them.
 *
 * Config: `compareTaskConfig`. Reads samples, and results and predictions of all trained models; writes selections, comparisons and
 * slice_comparisons.
 */
export const compare: RunTask = async (task, context) => {
  const { resamples, seed, stopOn, variants } = compareTaskConfig.parse(task.config);
  const withViews = <T>(use: (db: Database) => Promise<T>): Promise<T> =>
    withDatabase(context, async (db) => {
      await mountTables(db, task.inputs, context.runDir);
      return use(db);
    });
  const { selections, models, test } = await withViews(async (db) => {
    const results = await loadTrialResults(db);
    const trials = selectTrials(results, stopOn);
    const selected = results.filter((result) => isOfSelected(result, trials));
    const [first, ...others] = pairedModels(selected, variants);
    return {
      selections: trials,
      models: first === undefined ? [] : [first, ...others],
      test: first === undefined ? noRows : await loadTestRows(db, first),
    };
  });
  const scores = await scoreModels({ models, test, resamples, seed, withViews, context });
  const pairings = pairModels(models, variants);
  const comparisons = comparisonRows(pairings, scores);
  const sliceComparisons = sliceComparisonRows(pairings, scores, test.parts);
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
      await write("slice_comparisons", sliceComparisons),
    ];
  });
};

const noRows: TestRows = {
  users: new Int32Array(0),
  places: new Int32Array(0),
  labels: new Int8Array(0),
  groups: new Int32Array(0),
  userCount: 0,
  parts: [],
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
function pairedModels(
  results: readonly TrialRow[],
  variants: readonly string[],
): readonly TrialRow[] {
  const paired = new Set(
    pairModels(results, variants).flatMap(({ models, baselineModels }) => [
      ...models,
      ...baselineModels,
    ]),
  );
  return results.filter((result) => paired.has(result));
}

function selectionRow({ isSelected, ...selection }: TrialSelection): Row {
  return { ...selection, is_selected: isSelected };
}
