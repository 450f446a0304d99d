import type { ModelInputs, ModelScope } from "../../model.ts";

type EventInputs<T> = Pick<ModelInputs<T>, "historyMask" | "rowWeights" | "lossWeights">;

/** Makes 0 / 0 zero. */
const tiny = 1e-12;

/**
 * The auxiliary loss of DIEN: each state should distinguish the user's next event from somebody else's,
 * `−mean log σ(h_t · e_{t+1}) − mean log(1 − σ(h_t · e'_{t+1}))`, nats.
 * Source: Zhou et al., "Deep Interest Evolution Network for Click-Through Rate Prediction", 2019, equation 7.
 *
 * The events e' are those of the next row of the batch at the same position. Not counted: steps without a next event, pairs with padding,
 * and rows that pad a short batch; the last real row has no negatives. With loss weights, the means are weighted by the weight of the
 * state's row.
 *
 * Letters: `B` = batch size, `H` = history length, `I` = width of states and events.
 *
 * @param states - Shape `[B, H, I]`, after each event
 * @param events - Shape `[B, H, I]`
 * @returns A scalar; `undefined` for histories of one event
 */
export function nextEventLoss<T>(
  { ops, shape }: ModelScope<T>,
  { historyMask, rowWeights, lossWeights }: EventInputs<T>,
  states: T,
  events: T,
): T | undefined {
  const { batchSize, history } = shape;
  if (history < 2) return undefined;
  const later = (x: T): T => ops.slice(x, 1, 1, history - 1);
  const earlierRows = (x: T): T => ops.slice(x, 0, 0, batchSize - 1);
  const laterRows = (x: T): T => ops.slice(x, 0, 1, batchSize - 1);
  const products = (a: T, b: T): T => ops.sum(ops.mul(a, b), [2]); // [B, H - 1]
  const mean = (losses: T, weights: T): T =>
    ops.div(ops.sum(ops.mul(losses, weights), [0, 1]), ops.add(ops.sum(weights, [0, 1]), tiny));

  const current = ops.slice(states, 1, 0, history - 1);
  const next = later(events);
  const counted = (weights: T): T =>
    ops.mul(later(historyMask), ops.reshape(weights, [batchSize, 1]));
  const counts = counted(rowWeights);
  const weighted = lossWeights && counted(lossWeights);
  const own = mean(ops.softplus(ops.mul(products(current, next), -1)), weighted ?? counts);
  if (batchSize < 2) return own;
  const others = products(earlierRows(current), laterRows(next)); // [B - 1, H - 1]
  const pairs = ops.mul(earlierRows(weighted ?? later(historyMask)), laterRows(counts));
  return ops.add(own, mean(ops.softplus(others), pairs));
}
