import type { ModelScope } from "../model.ts";
import { gruGates, gruWeights } from "./gru-cell.ts";

/** Options of {@link gru}. */
export interface GruOptions<T> {
  /** `w`. */
  readonly width: number;
  /** Shape `[B, H]`: 1 for a step that counts, 0 for padding. */
  readonly mask: T;
  /** Shape `[B, H]`: how much of its change a step makes, 1 = all. Absent = 1 everywhere. */
  readonly attention?: T;
}

/** What a GRU leaves behind. */
export interface GruStates<T> {
  /** The state after each step, shape `[B, w]`, `H` of them. */
  readonly steps: readonly T[];
  /** The last of them: the state after the last step that counts; zeros without any. */
  readonly last: T;
}

/**
 * A gated recurrent unit over a sequence, from a state of zeros: `h_t = h_{t-1} + m_t a_t (1 − z_t) ∘ (n_t − h_{t-1})`, with the
 * gates of {@link gruGates}. A padded step, mask m = 0, keeps the state, so that every row runs over its own events alone.
 *
 * With attention a this is the AUGRU of DIEN, whose update gate `1 − z` is scaled by the event's relevance to the target.
 * Source: Zhou et al., "Deep Interest Evolution Network for Click-Through Rate Prediction", 2019, equations 16 and 17.
 *
 * Letters: `B` = batch size, `H` = steps, `w` = width of the state.
 *
 * @param name - Prefix of PyTorch's parameters `name.weight_ih_l0`, `name.weight_hh_l0`, `name.bias_ih_l0`, `name.bias_hh_l0`
 * @param x - Shape `[B, H, in]`
 */
export function gru<T>(
  scope: ModelScope<T>,
  name: string,
  x: T,
  { width, mask, attention }: GruOptions<T>,
): GruStates<T> {
  const { ops, shape } = scope;
  const [, stepCount = 0, inputWidth = 0] = ops.shapeOf(x);
  const inputs = gruWeights(scope, name, "ih_l0", { inputWidth, width }).project(x); // [B, H, …] at once
  const memory = gruWeights(scope, name, "hh_l0", { inputWidth: width, width });
  const strength = attention === undefined ? mask : ops.mul(mask, attention); // [B, H]
  const at = (sequence: T, step: number): T =>
    ops.reshape(ops.slice(sequence, 1, step, 1), [shape.batchSize, -1]);

  const steps: T[] = [];
  for (let step = 0; step < stepCount; step++) {
    const before = steps.at(-1);
    const input = { gates: at(inputs.gates, step), candidate: at(inputs.candidate, step) };
    const state = before === undefined ? memory.bias : memory.project(before);
    const { update, candidate } = gruGates(scope, input, state);
    const change = before === undefined ? candidate : ops.sub(candidate, before);
    const taken = ops.sub(change, ops.mul(update, change));
    const made = ops.mul(taken, ops.slice(strength, 1, step, 1)); // [B, w] * [B, 1]
    steps.push(before === undefined ? made : ops.add(before, made));
  }
  const last = steps.at(-1);
  if (last === undefined) throw new Error(`internal: "${name}" runs over no steps`);
  return { steps, last };
}

/** States of all steps as one tensor, with zeros for padding; shape `[B, H, w]`. */
export function stackStates<T>(
  { ops, shape: { batchSize } }: ModelScope<T>,
  { steps }: GruStates<T>,
  mask: T,
): T {
  const rows = steps.map((state) => ops.reshape(state, [batchSize, 1, -1]));
  return ops.mul(ops.concat(rows, 1), ops.reshape(mask, [batchSize, steps.length, 1]));
}
