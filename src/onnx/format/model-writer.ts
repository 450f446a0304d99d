/** @file Writes ONNX models. Field numbers are those of onnx.proto (IR version 8). */
import {
  externalTensor,
  nodeMessage,
  tensor,
  valueInfo,
  type ExternalData,
  type OnnxAttribute,
  type OnnxData,
  type OnnxDomain,
  type OnnxShape,
  type OnnxType,
} from "./model-messages.ts";
import { encodeMessage, messageWriter } from "./protobuf-writer.ts";

export type { OnnxAttribute, OnnxData, OnnxShape, OnnxType };

/** A model under construction. Nodes must be added in an executable order. */
export interface OnnxModelWriter {
  readonly input: (name: string, type: OnnxType, shape: OnnxShape) => void;
  /** A constant tensor. `data` is kept by reference until {@link OnnxModelWriter.bytes}. */
  readonly initializer: (
    name: string,
    type: OnnxType,
    shape: readonly number[],
    data: OnnxData,
  ) => void;
  /** A constant tensor whose values are in a file next to the model, because model files are limited to 2 GB. */
  readonly external: (
    name: string,
    type: OnnxType,
    shape: readonly number[],
    data: ExternalData,
  ) => void;
  /** An operator; an empty name omits an optional input or output. `domain` "" is ONNX itself. */
  readonly node: (
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    domain?: OnnxDomain,
  ) => void;
  readonly output: (name: string, type: OnnxType, shape: OnnxShape) => void;
  /** The model file's content. */
  readonly bytes: () => Uint8Array;
}

const irVersion = 8;
/** Operator set version by domain. */
const opsets: Readonly<Record<OnnxDomain, number>> = { "": 17, "com.microsoft": 1 };

/**
 * An empty model for opset 17. It only requires `com.microsoft` if it uses an operator from there.
 *
 * @param graphName - Shown by model viewers
 */
export function onnxModelWriter(graphName = "main"): OnnxModelWriter {
  const graph = messageWriter().text(2, graphName);
  const defined = new Set<string>();
  const domains = new Set<OnnxDomain>([""]);
  const define = (name: string): void => {
    if (defined.has(name)) throw new Error(`internal: ONNX value "${name}" is defined twice`);
    defined.add(name);
  };

  return {
    input: (name, type, shape) => {
      define(name);
      graph.message(11, valueInfo(name, type, shape));
    },
    initializer: (name, type, shape, data) => {
      define(name);
      graph.message(5, tensor(name, type, shape, data));
    },
    external: (name, type, shape, data) => {
      define(name);
      graph.message(5, externalTensor(name, type, shape, data));
    },
    node: (opType, inputs, outputs, attributes = {}, domain = "") => {
      for (const output of outputs) if (output !== "") define(output);
      domains.add(domain);
      graph.message(1, nodeMessage(opType, inputs, outputs, attributes, domain));
    },
    output: (name, type, shape) => {
      graph.message(12, valueInfo(name, type, shape));
    },
    bytes: () => {
      const model = messageWriter().integer(1, irVersion).text(2, "r4ec").message(7, graph);
      for (const domain of domains) {
        model.message(8, messageWriter().text(1, domain).integer(2, opsets[domain]));
      }
      return encodeMessage(model);
    },
  };
}
