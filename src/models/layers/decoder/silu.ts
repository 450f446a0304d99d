import type { Ops } from "../../../autodiff/ops.ts";

/**
 * `x σ(x)`, also called swish. ONNX Runtime fuses it into one operator.
 * Source: Elfwing et al., "Sigmoid-Weighted Linear Units for Neural Network Function Approximation in Reinforcement Learning", 2018.
 */
export function silu<T>(ops: Ops<T>, x: T): T {
  const gate = ops.sigmoid(x);
  const y = ops.mul(x, gate);
  // dy/dx = σ + x σ (1 − σ) = σ + y − y σ
  return ops.withGradients(y, [x], (dy) => [
    ops.mul(dy, ops.add(gate, ops.sub(y, ops.mul(y, gate)))),
  ]);
}
