import { expertMixture } from "../layers/dense/expert-mixture.ts";
import { linear } from "../layers/dense/linear.ts";
import type { Connector } from "../model.ts";
import { sharedKnowledgeDim } from "./shared-knowledge-dim.ts";

/** Sizes of {@link moeConnector}. */
export interface MoeConnectorOptions {
  /** Width of an expert's hidden layer; default 128. */
  readonly hidden?: number;
  /** Default 2. */
  readonly experts?: number;
}

/**
 * A mixture of two-layer experts, weighted by a softmax gate on the vector. Users and items share experts and gate; their vectors must be
 * equally wide.
 */
export function moeConnector({ hidden = 128, experts = 2 }: MoeConnectorOptions = {}): Connector {
  return (scope, { user, item }) => {
    const { ops, shape } = scope;
    const prefix = "convert_module.sub_module";
    const names = Array.from({ length: experts }, (_, expert) => `${prefix}.expt_net.${expert}`);
    const widths = [sharedKnowledgeDim("moe", shape), hidden, shape.embeddingDim] as const;
    const connected = [user, item].flatMap((vector) => {
      if (vector === undefined) return [];
      const gate = ops.softmax(linear(scope, `${prefix}.gate_net`, vector, experts)); // [B, experts]
      const weights = ops.transpose(gate, [1, 0]);
      const mixed = expertMixture(scope, names, widths, vector, { weights }); // [d, B]
      return [ops.transpose(mixed, [1, 0])];
    });
    return ops.concat(connected, 1);
  };
}
