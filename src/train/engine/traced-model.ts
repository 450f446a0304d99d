/** @file Traces a model into a graph and differentiates it: one graph for training and scoring, for any engine. */
import { buildModel, type ModelScope } from "../../models/model.ts";
import type { Shape } from "../../autodiff/ops.ts";
import { differentiate } from "../../autodiff/differentiate.ts";
import { createGraph, liveNodes, type Node } from "../../autodiff/graph.ts";
import { inputNodes } from "./input-nodes.ts";
import type { ModelDefinition } from "./model-definition.ts";
import {
  tracedBuffers,
  tracedParameters,
  type BufferDeclaration,
  type ParameterDeclaration,
} from "../../autodiff/parameters.ts";
import { scoringScope } from "./scoring-graph.ts";
import { graphOps, type GraphOps } from "../../autodiff/trace.ts";

/** An input that the engine fills with 0 and `1 / (1 - rate)` before each training step. */
export interface DropoutMask {
  readonly name: string;
  readonly shape: Shape;
}

/** A model's graph; parameters, buffers and gradients in the order the model declares them. */
export interface TracedModel {
  readonly parameters: readonly ParameterDeclaration[];
  /** One per parameter. */
  readonly gradients: readonly Node[];
  readonly buffers: readonly BufferDeclaration[];
  readonly dropoutMasks: readonly DropoutMask[];
  /** Weighted mean binary cross-entropy of the rows, nats; a scalar. */
  readonly loss: Node;
  /** Probabilities of label 1 when scoring, `[B]`. */
  readonly probabilities: Node;
}

export function traceModel(definition: ModelDefinition): TracedModel {
  const { shape, dropout: rate = 0, l2 = 0 } = definition;
  const graph = createGraph();
  const ops = graphOps(graph);
  const parameters = tracedParameters(graph);
  const buffers = tracedBuffers(graph);
  const inputs = inputNodes(graph, shape);
  const dropoutMasks: DropoutMask[] = [];
  const penalties: Node[] = [];

  const shared = { ops, parameters, buffers, shape };
  const training: ModelScope<Node> = {
    ...shared,
    isTraining: true,
    dropout: (x) => {
      if (rate === 0) return x;
      const name = `dropout.${dropoutMasks.length}`;
      dropoutMasks.push({ name, shape: x.shape });
      return ops.mul(x, graph.node({ kind: "input", name }, [], x.shape));
    },
    addLoss: (loss) => {
      penalties.push(loss);
    },
  };
  const scoring = scoringScope(shared);

  const logits = buildModel(definition, training, inputs); // [B]
  const labels = graph.node({ kind: "input", name: "labels" }, [], [shape.batchSize]);
  const loss = binaryCrossEntropy(ops, logits, labels, inputs.lossWeights ?? inputs.rowWeights);
  const objective = penalties.reduce((total, penalty) => ops.add(total, penalty), loss);
  const declarations = parameters.declarations();
  refuseUnused(declarations, objective);
  const gradients = differentiate(
    graph,
    ops,
    [{ node: objective, gradient: ops.constant(1) }],
    declarations.map(({ node }) => node),
  ).map((gradient, index) => {
    const parameter = declarations[index]?.node;
    return l2 === 0 || parameter === undefined
      ? gradient
      : ops.add(gradient, ops.mul(parameter, l2));
  });

  const scoresAsTrained =
    dropoutMasks.length + penalties.length + buffers.declarations().length === 0;
  const scored = scoresAsTrained ? logits : buildModel(definition, scoring, inputs);
  return {
    parameters: declarations,
    gradients,
    buffers: buffers.declarations(),
    dropoutMasks,
    loss,
    probabilities: ops.sigmoid(scored),
  };
}

/**
 * `Σ weight · log(1 + e^(±logit))`, minus for label 1: stays exact for confident rows, where the usual `log(1 + e^x) - y x`
 * subtracts two large numbers. Needs labels of 0 or 1.
 *
 * All shapes `[B]`; returns a scalar, nats.
 */
function binaryCrossEntropy(ops: GraphOps, logits: Node, labels: Node, weights: Node): Node {
  const sign = ops.sub(ops.constant(1), ops.mul(labels, 2));
  return ops.sum(ops.mul(weights, ops.softplus(ops.mul(sign, logits))), [0]);
}

/** A parameter that is declared and not used is a bug in the model: it would be saved, and never trained. */
function refuseUnused(declarations: readonly ParameterDeclaration[], objective: Node): void {
  const used = new Set(liveNodes([objective]));
  const unused = declarations.find(({ node }) => !used.has(node));
  if (unused === undefined) return;
  throw new Error(`internal: the loss does not depend on "${unused.key}"`);
}
