/**
 * @file The gated recurrent unit in PyTorch's form, with its weights stacked in the order reset r, update z, new n.
 * Source: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation", 2014.
 *
 * `r = σ(W_r x + U_r h)`, `z = σ(W_z x + U_z h)`, `n = tanh(W_n x + r ∘ U_n h)`, `h' = n + z ∘ (h − n)`, each product with a bias.
 *
 * Letters: `w` = width of the state.
 */
import type { Scope } from "../../../autodiff/scope.ts";
import type { Shape } from "../../../autodiff/ops.ts";

/** A product of input or state with its stacked weights, split where the two are combined differently. */
export interface GruProjection<T> {
  /** Shape `[…, 2 w]`: r, then z, before the sigmoid. */
  readonly gates: T;
  /** Shape `[…, w]`: n, before the tanh. */
  readonly candidate: T;
}

/** Stacked weights or biases, whole and split. */
export interface GruStack<T> extends GruProjection<T> {
  readonly whole: T;
}

/** The stacked weights `[3 w, in]` and biases `[3 w]` of one product. */
export interface GruWeights<T> {
  readonly bias: GruStack<T>;
  /**
   * Declared on first call: a single step has no previous state to project, and the weights would have no gradient.
   */
  readonly weight: () => GruStack<T>;
  /** Splits the weights once, instead of the product in every step. */
  readonly project: (x: T) => GruProjection<T>;
}

/** The weights `name.weight_<suffix>` and `name.bias_<suffix>`, initialised uniformly in ±1/√w as in PyTorch. */
export function gruWeights<T>(
  { ops, parameters }: Scope<T>,
  name: string,
  suffix: string,
  { inputWidth, width }: { readonly inputWidth: number; readonly width: number },
): GruWeights<T> {
  const parameter = (kind: string, shape: Shape): GruStack<T> => {
    const whole = parameters.get(`${name}.${kind}_${suffix}`, [3 * width, ...shape], {
      uniform: 1 / Math.sqrt(width),
    });
    return {
      whole,
      gates: ops.slice(whole, 0, 0, 2 * width),
      candidate: ops.slice(whole, 0, 2 * width, width),
    };
  };
  const bias = parameter("bias", []);
  let known: GruStack<T> | undefined;
  const weight = (): GruStack<T> => (known ??= parameter("weight", [inputWidth]));
  return {
    bias,
    weight,
    project: (x) => ({
      gates: ops.linear(x, weight().gates, bias.gates),
      candidate: ops.linear(x, weight().candidate, bias.candidate),
    }),
  };
}

/**
 * Update gate z and new state n of a step.
 *
 * @param input - Projection of x, `[N, …]`
 * @param state - Projection of h, `[N, …]`, or only its biases
 * @returns Shapes `[N, w]`
 */
export function gruGates<T>(
  { ops }: Scope<T>,
  input: GruProjection<T>,
  state: GruProjection<T>,
): { readonly update: T; readonly candidate: T } {
  const width = ops.shapeOf(input.candidate).at(-1) ?? 0;
  const gates = ops.sigmoid(ops.add(input.gates, state.gates)); // [N, 2 w]
  const reset = ops.slice(gates, 1, 0, width);
  return {
    update: ops.slice(gates, 1, width, width),
    candidate: ops.tanh(ops.add(input.candidate, ops.mul(reset, state.candidate))),
  };
}
