import type { Scope } from "../../../autodiff/scope.ts";
import { gruWeights } from "./gru-cell.ts";
import { gruGradients, gruSteps, type GruInputs } from "./gru-steps.ts";

/** Options of {@link gru}. */
export interface GruOptions<T> {
  /** `w`. */
  readonly width: number;
  /** Shape `[B, H]`: 1 for an event, 0 for padding. */
  readonly mask: T;
  /** Shape `[B, H]`: strength of each step's update, 1 = full. Absent = 1 everywhere. */
  readonly attention?: T;
}

/** States of a GRU. */
export interface GruStates<T> {
  /** The state after each step, shape `[B, H, w]`. */
  readonly all: T;
  /** The state after the last event, shape `[B, w]`; zeros if there is none. */
  readonly last: T;
}

/**
 * A gated recurrent unit over a sequence, starting from zeros: `h_t = h_{t-1} + m_t a_t (1 − z_t) ∘ (n_t − h_{t-1})`, with the
 * gates of {@link gruSteps}. Padding (mask m = 0) keeps the state.
 *
 * With attention a, this is the AUGRU of DIEN: the update gate `1 − z` is scaled by the event's relevance to the target.
 * Source: Zhou et al., "Deep Interest Evolution Network for Click-Through Rate Prediction", 2019, equations 16 and 17.
 *
 * Letters: `B` = batch size, `H` = steps, `w` = width of the state.
 *
 * @param name - Prefix of PyTorch's parameters `name.weight_ih_l0`, `name.weight_hh_l0`, `name.bias_ih_l0`, `name.bias_hh_l0`
 * @param x - Shape `[B, H, in]`
 */
export function gru<T>(
  scope: Scope<T>,
  name: string,
  x: T,
  { width, mask, attention }: GruOptions<T>,
): GruStates<T> {
  const { ops } = scope;
  const [batchSize = 0, stepCount = 0, inputWidth = 0] = ops.shapeOf(x);
  const input = gruWeights(scope, name, "ih_l0", { inputWidth, width });
  const inputWeight = input.weight().whole;
  const state = gruWeights(scope, name, "hh_l0", { inputWidth: width, width });
  const isGate = Array.from({ length: 3 * width }, (_, unit) => (unit < 2 * width ? 1 : 0));
  const bias = ops.add(
    input.bias.whole,
    ops.mul(state.bias.whole, ops.tensor(isGate, [3 * width])),
  );
  const inputs: GruInputs<T> = {
    projected: ops.linear(x, inputWeight, bias), // [B, H, 3 w], all steps at once
    ...(stepCount > 1 && { weight: state.weight() }),
    bias: state.bias.candidate,
    strength: attention === undefined ? mask : ops.mul(mask, attention),
  };
  const steps = gruSteps(ops, inputs);
  const states = steps.map(({ after }) => after);
  const last = states.at(-1);
  if (last === undefined) throw new Error(`internal: "${name}" runs over no steps`);

  const { projected, weight, bias: candidateBias, strength } = inputs;
  const sources = [projected, ...(weight ? [weight.whole] : []), candidateBias, strength];
  const all = ops.reshape(ops.concat(states, 1), [batchSize, stepCount, width]);
  return {
    all: ops.withGradients(all, sources, (dAll) => {
      const flat = ops.reshape(dAll, [batchSize, -1]);
      return gruGradients(ops, inputs, steps, (step) => ops.slice(flat, 1, step * width, width));
    }),
    last: ops.withGradients(last, sources, (dLast) =>
      gruGradients(ops, inputs, steps, (step) => (step === stepCount - 1 ? dLast : undefined)),
    ),
  };
}

/** States after each event, zeros for padding; shape `[B, H, w]`. */
export function stackStates<T>({ ops }: Scope<T>, { all }: GruStates<T>, mask: T): T {
  return ops.mul(all, ops.reshape(mask, [...ops.shapeOf(mask), 1]));
}
