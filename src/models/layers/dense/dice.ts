/** @file Dice, an activation that adapts to the distribution of its inputs. Letters: `N` = rows, `C` = units. */
import type { Scope } from "../../../autodiff/scope.ts";
import type { ModelInputs, ModelScope } from "../../model.ts";

/** Added to the variance; the paper's value. */
const epsilon = 1e-8;
/** Makes 0 / 0 zero. */
const tiny = 1e-12;
/** Weight of the batch in the running statistics, as in PyTorch's BatchNorm. */
const momentum = 0.1;

/**
 * Which mean and variance Dice uses.
 *
 * - "running", as in batch normalisation: in training those of the batch's real events (no padding); in scoring their running means, so
 *   that rows are scored independently.
 * - "batch", as in the paper's public code: those of the batch in scoring too, separately for each position of the history, including
 *   padding, with the unbiased variance.
 */
export type DiceStatistics = "running" | "batch";

/**
 * `p x + (1 − p) α x` with `p = σ((x − mean) / √(variance + ε))` and a trained α, at first 0.
 * Source: Zhou et al., "Deep Interest Network for Click-Through Rate Prediction", 2018, equation 3, with one α for all units as in the
 * paper's public code.
 *
 * Running statistics are the buffers `name.running_mean` and `name.running_var`, shape `[C]`. A training step moves them a tenth of the
 * way to the batch's mean and (biased) variance, as PyTorch's BatchNorm.
 *
 * Letters: `B` = batch size, `H` = history length.
 *
 * @param name - Prefix of the parameter `name.alpha`, shape `[1]`
 * @param x - Shape `[B, H, C]`
 * @returns Shape `[B, H, C]`
 */
export function dice<T>(
  scope: ModelScope<T>,
  name: string,
  x: T,
  inputs: Pick<ModelInputs<T>, "historyMask" | "rowWeights">,
  statistics: DiceStatistics,
): T {
  const { ops, parameters } = scope;
  const alpha = parameters.get(`${name}.alpha`, [1], "zeros");
  const shape = ops.shapeOf(x);
  const normal =
    statistics === "batch"
      ? normaliseByBatch(scope, x, inputs.rowWeights)
      : normaliseByEvents(scope, name, x, inputs);
  const p = ops.sigmoid(ops.reshape(normal, shape));
  const rest = ops.add(ops.mul(alpha, -1), 1); // [1]
  return ops.mul(x, ops.add(ops.mul(p, rest), alpha));
}

/** Normalises each position and unit over the rows. Returns shape `[B, H C]`. */
function normaliseByBatch<T>({ ops, shape }: ModelScope<T>, x: T, rowWeights: T): T {
  const rows = ops.reshape(x, [shape.batchSize, -1]);
  const { centred, variance } = moments({ ops }, rows, rowWeights);
  // With weights of 1/n, 1 − Σ w² is (n − 1) / n; of a single row it is 0, and so is the variance.
  const bias = ops.add(ops.mul(ops.sum(ops.mul(rowWeights, rowWeights), [0]), -1), 1);
  const unbiased = ops.div(variance, ops.add(bias, tiny));
  return ops.div(centred, ops.sqrt(ops.add(unbiased, epsilon)));
}

/** Normalises each unit over all events. Returns shape `[B H, C]`. */
function normaliseByEvents<T>(
  { ops, buffers, shape: { batchSize }, isTraining }: ModelScope<T>,
  name: string,
  x: T,
  { historyMask, rowWeights }: Pick<ModelInputs<T>, "historyMask" | "rowWeights">,
): T {
  const units = ops.shapeOf(x).at(-1) ?? 0;
  const rows = ops.reshape(x, [-1, units]);
  const runningMean = buffers.get(`${name}.running_mean`, [units], "zeros");
  const runningVariance = buffers.get(`${name}.running_var`, [units], "ones");
  if (!isTraining) {
    return ops.div(ops.sub(rows, runningMean), ops.sqrt(ops.add(runningVariance, epsilon)));
  }
  const counted = ops.mul(historyMask, ops.reshape(rowWeights, [batchSize, 1])); // [B, H]
  const total = ops.sum(counted, [0, 1]); // 0 if all histories are empty
  const weights = ops.reshape(ops.div(counted, ops.add(total, tiny)), [-1]);
  const { mean, centred, variance } = moments({ ops }, rows, weights);
  const share = ops.mul(ops.div(total, ops.add(total, tiny)), momentum);
  const follow = (buffer: string, running: T, batch: T): void => {
    const difference = ops.sub(ops.reshape(batch, [units]), running);
    buffers.set(`${name}.${buffer}`, ops.add(running, ops.mul(difference, share)));
  };
  follow("running_mean", runningMean, mean);
  follow("running_var", runningVariance, variance);
  return ops.div(centred, ops.sqrt(ops.add(variance, epsilon)));
}

/**
 * Weighted mean and variance of each column.
 *
 * @param x - Shape `[N, C]`
 * @param weights - Shape `[N]`, sum 1
 * @returns mean and variance `[1, C]`, centred `[N, C]`
 */
function moments<T>({ ops }: Pick<Scope<T>, "ops">, x: T, weights: T) {
  const row = ops.reshape(weights, [1, -1]);
  const mean = ops.matmul(row, x);
  const centred = ops.sub(x, mean);
  return { mean, centred, variance: ops.matmul(row, ops.mul(centred, centred)) };
}
