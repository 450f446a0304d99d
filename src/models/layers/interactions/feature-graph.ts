import type { ModelScope } from "../../model.ts";
import { gruGates, gruWeights } from "../sequence/gru-cell.ts";

/** Slope of the LeakyReLU below 0. */
const leak = 0.01;
/** Added to a score for a softmax weight of 0. */
const excluded = -1e9;

/**
 * The feature graph of FiGNN: fields are nodes that exchange messages and update themselves by a GRU.
 *
 * Edge weights are `g = softmax_j(LeakyReLU(w · [f_i; f_j]))` without self-loops. All rounds share weights; each computes
 * `a_i = W_in^i Σ_j g_ij (W_out^j h_j) + b` and `h = GRU(a, h) + f`.
 * Source: Li et al., "Fi-GNN: Modeling Feature Interactions via Graph Neural Networks for CTR Prediction", 2019, section 3.4.
 *
 * Letters: `B` = batch size, `F` = fields, `d` = width of a field.
 *
 * @param fields - Shape `[B, F, d]`
 * @returns Node states, shape `[B, F, d]`
 */
export function featureGraph<T>(
  scope: ModelScope<T>,
  name: string,
  fields: T,
  { rounds }: { readonly rounds: number },
): T {
  const { ops, parameters, shape } = scope;
  const [, fieldCount = 0, width = 0] = ops.shapeOf(fields);
  const matrices = (matrix: string): T =>
    parameters.get(`${name}.gnn.${matrix}`, [fieldCount, width, width], {
      normal: Math.sqrt(1 / width), // Xavier's for a matrix of d x d
    });
  const send = matrices("W_out");
  const receive = matrices("W_in");
  const bias = parameters.get(`${name}.gnn.bias_p`, [width], "zeros");
  const cell = { inputWidth: width, width };
  const message = gruWeights(scope, `${name}.gru`, "ih", cell);
  const memory = gruWeights(scope, `${name}.gru`, "hh", cell);
  const byField = (x: T): T => ops.transpose(x, [1, 0, 2]); // [B, F, d] to [F, B, d] and back
  const rows = (x: T): T => ops.reshape(x, [-1, width]); // [B F, d]

  const edges = edgeWeights(scope, `${name}.W_attn`, fields);
  let nodes = fields;
  for (let round = 0; round < rounds; round++) {
    const sent = byField(ops.matmul(byField(nodes), send, { transposeB: true }));
    const gathered = ops.matmul(edges, sent); // [B, F, d]
    const received = byField(ops.matmul(byField(gathered), receive, { transposeB: true }));
    const before = rows(nodes);
    const { update, candidate } = gruGates(
      scope,
      message.project(rows(ops.add(received, bias))),
      memory.project(before),
    );
    const after = ops.add(candidate, ops.mul(update, ops.sub(before, candidate))); // [B F, d]
    nodes = ops.add(ops.reshape(after, [shape.batchSize, fieldCount, width]), fields);
  }
  return nodes;
}

/**
 * Row i holds the weights of the other fields for field i. `w · [f_i; f_j]` is split into a term of field i and one of field j, so that no
 * `[B, F, F, 2 d]` tensor is needed.
 *
 * @param fields - Shape `[B, F, d]`
 * @returns Shape `[B, F, F]`
 */
function edgeWeights<T>({ ops, parameters, shape }: ModelScope<T>, name: string, fields: T): T {
  const [, fieldCount = 0, width = 0] = ops.shapeOf(fields);
  const weight = parameters.get(`${name}.weight`, [1, 2 * width], "xavierNormal");
  const both = ops.linear(fields, ops.reshape(weight, [2, width])); // [B, F, 2]
  const own = ops.slice(both, 2, 0, 1); // [B, F, 1]
  const other = ops.reshape(ops.slice(both, 2, 1, 1), [shape.batchSize, 1, fieldCount]);
  const scores = ops.add(own, other); // [B, F, F]
  const leaky = ops.add(ops.mul(scores, leak), ops.mul(ops.relu(scores), 1 - leak));
  const loops = Array.from({ length: fieldCount * fieldCount }, (_, at) =>
    at % (fieldCount + 1) === 0 ? excluded : 0,
  );
  return ops.softmax(ops.add(leaky, ops.tensor(loops, [fieldCount, fieldCount])));
}
