/**
 * @file From the states of the last layer to the loss of the tokens that are to be predicted. It runs on these tokens alone, in
 * chunks, because a vocabulary is far wider than a state.
 *
 * Letters: `C` = tokens of the chunk, `H` = width of a state, `V` = vocabulary.
 */
import { differentiate } from "../../autodiff/differentiate.ts";
import { createGraph, type Node } from "../../autodiff/graph.ts";
import { tracedBatchSizes } from "../../autodiff/symbolic-batch.ts";
import { graphOps, type GraphOps } from "../../autodiff/trace.ts";
import { rmsNorm } from "../../models/layers/decoder/rms-norm.ts";
import { emitAnyLength } from "../../onnx/emit/emit-any-length.ts";
import type { EmittedModel } from "../../onnx/emit/emit.ts";
import type { DecoderConfig } from "./decoder-config.ts";

/** Tokens of a chunk at most: so many logits are in memory at a time. */
export const chunkTokens = 256;

/** Inputs: `x` `[C, H]`, int32 `labels` `[C]`, `norm` `[H]` and `table` `[V, H]`. */
export interface HeadGraphs {
  /** With the input `weights` `[C, 1]` as well, from which `dx` `[C, H]` is the gradient of `Σ weights · losses`; and `losses` `[C, 1]`. */
  readonly train: EmittedModel;
  /** Only `losses` `[C, 1]`, nats. */
  readonly evaluate: EmittedModel;
}

/** Traces and differentiates the head of a decoder. */
export function headGraphs(config: DecoderConfig): HeadGraphs {
  const [one, two] = tracedBatchSizes;
  const trace = traceHead(config, one);
  const twin = traceHead(config, two);
  const only = (outputs: ReadonlyMap<string, Node>): ReadonlyMap<string, Node> =>
    new Map([...outputs].filter(([name]) => name === "losses"));
  return {
    train: emitAnyLength(trace, twin),
    evaluate: emitAnyLength(only(trace), only(twin)),
  };
}

function traceHead(
  { hidden, vocabulary, normEpsilon }: DecoderConfig,
  tokens: number,
): ReadonlyMap<string, Node> {
  const graph = createGraph();
  const ops = graphOps(graph);
  const x = graph.node({ kind: "input", name: "x" }, [], [tokens, hidden]);
  const labels = graph.node({ kind: "input", name: "labels" }, [], [tokens], "int32");
  const weights = graph.node({ kind: "input", name: "weights" }, [], [tokens, 1]);
  const norm = graph.node({ kind: "input", name: "norm" }, [], [hidden]);
  const table = graph.node({ kind: "input", name: "table" }, [], [vocabulary, hidden]);
  const states = rmsNorm(ops, x, norm, normEpsilon);
  const losses = crossEntropy(ops, states, table, labels);
  const [dx] = differentiate(graph, ops, [{ node: losses, gradient: weights }], [x]);
  if (dx === undefined) throw new Error("internal: a head without a gradient");
  return new Map([
    ["losses", losses],
    ["dx", dx],
  ]);
}

/**
 * `-log p(label)` under `softmax(h Wᵀ)`, for a frozen table W. With m = the largest logit and its probability p_max, the logarithm of
 * the softmax's sum is m − log p_max, which never takes the logarithm of a small number. Backward: `dh = dy ∘ (p W − W[label])`.
 *
 * @param states - h, `[C, H]`
 * @param labels - int32 `[C]`
 * @returns Shape `[C, 1]`
 */
function crossEntropy(ops: GraphOps, states: Node, table: Node, labels: Node): Node {
  const logits = ops.linear(states, table); // [C, V]
  const p = ops.softmax(logits);
  const chosen = ops.gather(table, labels); // [C, H]
  const normaliser = ops.sub(ops.max(logits, [1], true), ops.log(ops.max(p, [1], true)));
  const losses = ops.sub(normaliser, ops.sum(ops.mul(states, chosen), [1], true));
  return ops.withGradients(losses, [states], (dy) => [
    ops.mul(dy, ops.sub(ops.matmul(p, table), chosen)),
  ]);
}
