/**
 * @file The passes of one decoder layer as models of any row length. All layers of a decoder are alike, so that these few graphs, run
 * once per layer with that layer's weights, are the whole decoder: neither they nor their scratch memory grow with its depth.
 */
import { cutGraph } from "../../autodiff/cut-graph.ts";
import { differentiate } from "../../autodiff/differentiate.ts";
import { createGraph, type Node } from "../../autodiff/graph.ts";
import type { ElementType, Shape } from "../../autodiff/ops.ts";
import { tracedBatchSizes } from "../../autodiff/symbolic-batch.ts";
import { graphOps } from "../../autodiff/trace.ts";
import { emitAnyLength } from "../../onnx/emit/emit-any-length.ts";
import type { EmittedModel } from "../../onnx/emit/emit.ts";
import type { DecoderConfig } from "./decoder-config.ts";
import { decoderLayer } from "./decoder-layer.ts";
import type { LoraSettings } from "./lora-settings.ts";

/** A tensor that the forward pass leaves for the backward pass; its first or last but one size is the row's length. */
export interface KeptTensor {
  readonly name: string;
  /** With `null` for the row's length. */
  readonly shape: readonly (number | null)[];
}

/** A matrix of the adapter in every layer. */
export interface LoraParameter {
  /** Such as `self_attn.q_proj.lora_A`. */
  readonly name: string;
  readonly shape: readonly [number, number];
}

/** The graphs of a layer; names of inputs and outputs are those below, of weights, and of `kept` and `parameters`. */
export interface LayerGraphs {
  /** From `x` to `y` and the kept tensors. */
  readonly forward: EmittedModel;
  /** From `x` to `y` alone, without dropout. */
  readonly evaluate: EmittedModel;
  /** From `x`, `dy` and the kept tensors to `dx` and the gradients of `parameters`, by {@link gradientName}. */
  readonly backward: EmittedModel;
  readonly kept: readonly KeptTensor[];
  readonly parameters: readonly LoraParameter[];
}

/** The output with a parameter's gradient. */
export function gradientName(parameter: string): string {
  return `gradient.${parameter}`;
}

interface Trace {
  readonly forward: ReadonlyMap<string, Node>;
  readonly backward: ReadonlyMap<string, Node>;
  readonly kept: ReadonlyMap<string, Node>;
  readonly parameters: ReadonlyMap<string, Node>;
}

/**
 * Traces and differentiates a layer.
 *
 * @param positions - Rows of the rotary tables: the longest row there may be
 */
export function layerGraphs(
  config: DecoderConfig,
  lora: LoraSettings,
  positions: number,
): LayerGraphs {
  const [tokens, otherTokens] = tracedBatchSizes;
  const trained = traceLayer(config, lora, { tokens, positions, isTraining: true });
  const twin = traceLayer(config, lora, { tokens: otherTokens, positions, isTraining: true });
  const evaluated = traceLayer(config, lora, { tokens, positions, isTraining: false });
  const evaluatedTwin = traceLayer(config, lora, {
    tokens: otherTokens,
    ...{ positions, isTraining: false },
  });
  const only = ({ forward }: Trace): ReadonlyMap<string, Node> =>
    new Map([...forward].filter(([name]) => name === "y"));
  return {
    forward: emitAnyLength(trained.forward, twin.forward),
    evaluate: emitAnyLength(only(evaluated), only(evaluatedTwin)),
    backward: emitAnyLength(trained.backward, twin.backward),
    kept: Array.from(trained.kept, ([name, { shape }]) => ({
      name,
      shape: shape.map((size) => (size === tokens ? null : size)),
    })),
    parameters: Array.from(trained.parameters, ([name, { shape }]) => {
      const [rows = 0, columns = 0] = shape;
      return { name, shape: [rows, columns] };
    }),
  };
}

interface TraceOptions {
  readonly tokens: number;
  readonly positions: number;
  readonly isTraining: boolean;
}

function traceLayer(
  config: DecoderConfig,
  lora: LoraSettings,
  { tokens, positions, isTraining }: TraceOptions,
): Trace {
  const graph = createGraph();
  const ops = graphOps(graph);
  const kept = new Map<string, Node>();
  const parameters = new Map<string, Node>();
  const input = (name: string, shape: Shape, type?: ElementType): Node =>
    graph.node({ kind: "input", name }, [], shape, type);
  const x = input("x", [tokens, config.hidden]);
  const y = decoderLayer(
    {
      ...{ ops, config, lora, isTraining, input },
      parameter: (name, shape) => {
        const node = graph.node({ kind: "parameter", name }, [], shape);
        parameters.set(name, node);
        return node;
      },
      keep: (name, node) => {
        kept.set(name, node);
        return node;
      },
    },
    x,
    positions,
  );
  const dy = input("dy", [tokens, config.hidden]);
  const targets = [...parameters];
  const [dx, ...gradients] = differentiate(
    graph,
    ops,
    [{ node: y, gradient: dy }],
    [x, ...targets.map(([, node]) => node)],
  );
  if (dx === undefined) throw new Error("internal: a layer without a gradient");
  const outputs = new Map([["dx", dx]]);
  gradients.forEach((gradient, index) => {
    const [name = ""] = targets[index] ?? [];
    outputs.set(gradientName(name), gradient);
  });
  return {
    forward: new Map([["y", y], ...kept]),
    backward: cutGraph(outputs, kept),
    kept,
    parameters,
  };
}
