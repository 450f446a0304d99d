import { createPacer } from "../base/pacer.ts";
import { createRandom } from "../base/random.ts";
import type { TaskContext } from "../flow/task.ts";
import {
  bootstrapScores,
  type ResampledModel,
  type ResampledScores,
} from "../metrics/bootstrap.ts";
import { sumByGroup, weightedMean } from "../metrics/group-sums.ts";
import { rowLosses } from "../metrics/metrics.ts";
import { rankRows, weightedAuc } from "../metrics/ranking.ts";
import type { Database } from "../tables/database.ts";
import { loadProbabilities, type TestRows } from "./test-rows.ts";
import type { TrialRow } from "./trial-results.ts";

/** A model's scores on some of the test rows. */
export interface PartScores {
  /** On the rows as they are; null if all have the same label. */
  readonly auc: number | null;
  /** On the rows as they are, nats. */
  readonly logLoss: number;
  readonly resampled: ResampledScores;
}

/** A model's scores on all test rows and on their parts. */
export interface ModelScores {
  readonly whole: PartScores;
  /** In the order of {@link TestRows.parts}. */
  readonly parts: readonly PartScores[];
}

export interface ScoreOptions {
  readonly models: readonly TrialRow[];
  readonly test: TestRows;
  readonly resamples: number;
  readonly seed: number;
  /** Opens the views of the run anew for each pass, so that no database takes memory while models are scored. */
  readonly withViews: <T>(use: (db: Database) => Promise<T>) => Promise<T>;
  readonly context: Pick<TaskContext, "signal" | "progress">;
  /** Memory for the ranked rows of the models scored together, bytes. */
  readonly passBytes?: number;
}

/** 256 MiB: ten models on two million test rows. */
const PASS_BYTES = 2 ** 28;

/**
 * Scores models in the same resamples of the test users. Users are drawn once per resample for all models that fit into memory
 * together; further passes draw the same ones again.
 */
export async function scoreModels(
  options: ScoreOptions,
): Promise<ReadonlyMap<TrialRow, ModelScores>> {
  const { models, test, resamples, seed, withViews, context } = options;
  const partCount = 1 + test.parts.length;
  let scored = 0;
  const report = (): void => {
    const rowsDone = Math.floor(scored / partCount);
    context.progress({ rowsDone, rowsTotal: models.length * resamples, unit: "scored resamples" });
  };
  const now = (): number => performance.now();
  const pace = createPacer({ signal: context.signal, now, report });
  const scores = new Map<TrialRow, ModelScores>();
  for (const pass of passesOf(models, bytesOf(test), options.passBytes ?? PASS_BYTES)) {
    const ranked = await withViews((db) => rankModels(db, pass, test));
    const resampled = await bootstrapScores({
      models: ranked.flat(),
      users: test.userCount,
      resamples,
      random: createRandom(seed, "users").uniform,
      afterModel: async () => {
        scored++;
        await pace();
      },
    });
    for (const [place, model] of pass.entries()) {
      const own = resampled.slice(place * partCount, (place + 1) * partCount);
      scores.set(model, scoresOf(ranked[place] ?? [], own, test.userCount));
    }
  }
  report();
  return scores;
}

/** Cuts the models into groups that fit into the memory of a pass; a model that does not fit has a pass of its own. */
export function passesOf<T>(
  models: readonly T[],
  bytesEach: number,
  passBytes: number,
): readonly (readonly T[])[] {
  const size = Math.max(1, Math.floor(passBytes / Math.max(1, bytesEach)));
  return Array.from({ length: Math.ceil(models.length / size) }, (_none, pass) =>
    models.slice(pass * size, (pass + 1) * size),
  );
}

/** What one model takes: 4 bytes per ranked row, and two numbers of 8 bytes per user for each part. */
function bytesOf({ labels, parts, userCount }: TestRows): number {
  const rows = parts.reduce((sum, part) => sum + part.rows.length, labels.length);
  return 4 * rows + 16 * (1 + parts.length) * userCount;
}

/** Each model on all test rows, then on each part. */
async function rankModels(
  db: Database,
  models: readonly TrialRow[],
  test: TestRows,
): Promise<readonly (readonly ResampledModel[])[]> {
  const ranked = [];
  for (const model of models) {
    const probabilities = await loadProbabilities(db, model, test);
    const whole = rankPart(probabilities, test.labels, test.groups, test.userCount);
    const parts = test.parts.map(({ rows }) =>
      rankPart(
        Float32Array.from(rows, (row) => probabilities[row] ?? 0),
        Int8Array.from(rows, (row) => test.labels[row] ?? 0),
        Int32Array.from(rows, (row) => test.groups[row] ?? 0),
        test.userCount,
      ),
    );
    ranked.push([whole, ...parts]);
  }
  return ranked;
}

function rankPart(
  probabilities: Float32Array,
  labels: Int8Array,
  groups: Int32Array,
  userCount: number,
): ResampledModel {
  return {
    ranking: rankRows(probabilities, labels, groups),
    losses: sumByGroup(rowLosses(probabilities, labels), groups, userCount),
  };
}

function scoresOf(
  ranked: readonly ResampledModel[],
  resampled: readonly ResampledScores[],
  userCount: number,
): ModelScores {
  const once = new Float64Array(userCount).fill(1);
  const [whole, ...parts] = ranked.flatMap(({ ranking, losses }, place): PartScores[] => {
    const own = resampled[place];
    if (own === undefined) return [];
    const auc = weightedAuc(ranking, once);
    return [{ auc, logLoss: weightedMean(losses, once) ?? 0, resampled: own }];
  });
  if (whole === undefined) throw new Error("internal: a model without scores");
  return { whole, parts };
}
