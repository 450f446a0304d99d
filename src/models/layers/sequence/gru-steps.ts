/**
 * @file The steps of a GRU and their derivative.
 *
 * Forward, with `x_r`, `x_z`, `x_n` = the input's projection for each gate, and s = the strength of a step:
 * `[r z] = σ([x_r x_z] + U_rz h)`, `p = U_n h + b_n`, `n = tanh(x_n + r ∘ p)`, `h' = h − s (1 − z) ∘ (h − n)`.
 *
 * Backward, with δy = gradient before y's activation: `δn = s (1 − z) ∘ dh' ∘ (1 − n²)`, `δp = r ∘ δn`, `δr = δp ∘ (p − r ∘ p)`,
 * `δz = s (1 − z) ∘ dh' ∘ (h − n) ∘ z`, `dh = dh' − s (1 − z) ∘ dh' + [δr δz δp] U`. The chain rule applied to each operation
 * takes many more operations, too small to be worth their overhead.
 *
 * Letters: `B` = batch size, `H` = steps, `w` = width of the state. All shapes are `[B, w]` unless said otherwise.
 */
import type { Ops } from "../../../autodiff/ops.ts";
import type { GruStack } from "./gru-cell.ts";

/** Inputs of all steps. */
export interface GruInputs<T> {
  /** The input's projection for r, z and n, with the biases of r and z; shape `[B, H, 3 w]`. */
  readonly projected: T;
  /** Weights of the state `[3 w, w]`; absent for a single step, which has no previous state. */
  readonly weight?: GruStack<T>;
  /** `b_n`, shape `[w]`. */
  readonly bias: T;
  /** s, shape `[B, H]`. */
  readonly strength: T;
}

/** Values of one step, named as in the formulas. */
export interface GruStep<T> {
  /** h; absent for the first step, which starts from zeros. */
  readonly before?: T;
  readonly r: T;
  readonly z: T;
  readonly n: T;
  /** p; `[w]` for the first step. */
  readonly p: T;
  /** r ∘ p */
  readonly rp: T;
  /** h − n */
  readonly gap: T;
  /** 1 − z */
  readonly open: T;
  /** s (1 − z) */
  readonly share: T;
  /** s (1 − z) ∘ (h − n) */
  readonly change: T;
  readonly after: T;
}

/** All steps, starting from zeros, with the values that {@link gruGradients} needs. */
export function gruSteps<T>(ops: Ops<T>, inputs: GruInputs<T>): readonly GruStep<T>[] {
  const { projected, weight, bias, strength } = inputs;
  const [, stepCount = 0, stacked = 0] = ops.shapeOf(projected);
  const width = stacked / 3;
  const one = ops.tensor([1], []);
  const flat = ops.reshape(projected, [-1, stepCount * stacked]); // steps side by side, so that slices are matrices
  const steps: GruStep<T>[] = [];
  for (let step = 0; step < stepCount; step++) {
    const before = steps.at(-1)?.after;
    const at = step * stacked;
    const ofInput = ops.slice(flat, 1, at, 2 * width);
    const isFirst = before === undefined || weight === undefined;
    const gates = ops.sigmoid(
      isFirst ? ofInput : ops.add(ops.linear(before, weight.gates), ofInput),
    ); // [B, 2 w]
    const r = ops.slice(gates, 1, 0, width);
    const z = ops.slice(gates, 1, width, width);
    const p = isFirst ? bias : ops.linear(before, weight.candidate, bias);
    const rp = ops.mul(r, p);
    const n = ops.tanh(ops.add(ops.slice(flat, 1, at + 2 * width, width), rp));
    const gap = before === undefined ? ops.mul(n, -1) : ops.sub(before, n);
    const open = ops.sub(one, z);
    const share = ops.mul(open, ops.slice(strength, 1, step, 1)); // [B, w] * [B, 1]
    const change = ops.mul(share, gap);
    const after = before === undefined ? ops.mul(change, -1) : ops.sub(before, change);
    steps.push({
      ...(before !== undefined && { before }),
      r,
      z,
      n,
      p,
      rp,
      gap,
      open,
      share,
      change,
      after,
    });
  }
  return steps;
}

/**
 * Gradients with respect to `projected`, `weight` (if there is one), `bias` and `strength`, in this order.
 *
 * @param arriving - Gradient of the state after a step, except what comes through later steps
 */
export function gruGradients<T>(
  ops: Ops<T>,
  { projected, weight, strength }: GruInputs<T>,
  steps: readonly GruStep<T>[],
  arriving: (step: number) => T | undefined,
): readonly T[] {
  const one = ops.tensor([1], []);
  const sum = (a: T | undefined, b: T): T => (a === undefined ? b : ops.add(b, a));
  const ofInput: T[] = []; // δr, δz, δn per step
  const ofStrength: T[] = [];
  let dWeight: T | undefined;
  let dBias: T | undefined; // per row
  let dState: T | undefined; // through the next step
  for (const [index, step] of [...steps.entries()].reverse()) {
    const { before, r, z, n, p, rp, gap, open, share, change } = step;
    const arrived = arriving(index);
    const dAfter = arrived === undefined ? dState : sum(dState, arrived);
    if (dAfter === undefined) throw new Error("internal: a GRU whose last state has no gradient");
    const dShared = ops.mul(dAfter, share);
    const dz = ops.mul(ops.mul(dAfter, change), z);
    const dn = ops.mul(dShared, ops.sub(one, ops.mul(n, n)));
    const dp = ops.mul(dn, r);
    const dr = ops.mul(dp, ops.sub(p, rp));
    ofInput.unshift(dr, dz, dn);
    ofStrength.unshift(ops.mul(dAfter, ops.mul(gap, open)));
    dBias = sum(dBias, dp);
    if (before !== undefined && weight !== undefined) {
      const gates = ops.concat([dr, dz, dp], 1); // [B, 3 w]
      dWeight = sum(dWeight, ops.matmul(gates, before, { transposeA: true }));
      dState = ops.add(ops.matmul(gates, weight.whole), ops.sub(dAfter, dShared));
    }
  }
  if (dBias === undefined) throw new Error("internal: a GRU over no steps");
  const perUnit = ops.reshape(ops.concat(ofStrength, 1), [...ops.shapeOf(strength), -1]); // [B, H, w]
  return [
    ops.reshape(ops.concat(ofInput, 1), ops.shapeOf(projected)),
    ...(dWeight === undefined ? [] : [dWeight]),
    ops.sum(dBias, [0]),
    ops.mul(ops.sum(perUnit, [2]), -1),
  ];
}
