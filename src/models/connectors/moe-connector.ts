import { expertMixture } from "../layers/dense/expert-mixture.ts";
import { linear } from "../layers/dense/linear.ts";
import type { Connector } from "../model.ts";
import { vectorsWithWeights, type ConnectorWeights } from "./connector-weights.ts";
import { knowledgeDims, sharedKnowledgeDim } from "./shared-knowledge-dim.ts";

/** Sizes of {@link moeConnector}. */
export interface MoeConnectorOptions {
  /** Width of an expert's hidden layer; default 128. */
  readonly hidden?: number;
  /** Default 2. */
  readonly experts?: number;
  /**
   * `separate` (default): experts and gate of their own for users and for items. `shared`: the same for both, as in the R4ec paper's
   * public code; vectors must then be equally wide.
   */
  readonly weights?: ConnectorWeights;
}

/**
 * A mixture of two-layer experts, weighted by a softmax gate on the vector, as in the R4ec paper's public code; the paper has none.
 * Source: Jacobs et al., "Adaptive Mixtures of Local Experts", 1991.
 */
export function moeConnector({
  hidden = 128,
  experts = 2,
  weights: sharing = "separate",
}: MoeConnectorOptions = {}): Connector {
  return (scope, vectors) => {
    const { ops, shape } = scope;
    if (sharing === "shared") sharedKnowledgeDim("moe", shape);
    const dims = knowledgeDims(shape);
    const connected = vectorsWithWeights(sharing, vectors).map(({ vector, prefix }, side) => {
      const names = Array.from({ length: experts }, (_, expert) => `${prefix}.expt_net.${expert}`);
      const widths = [dims[side] ?? 0, hidden, shape.embeddingDim] as const;
      const gate = ops.softmax(linear(scope, `${prefix}.gate_net`, vector, experts)); // [B, experts]
      const weights = ops.transpose(gate, [1, 0]);
      const mixed = expertMixture(scope, names, widths, vector, { weights }); // [d, B]
      return ops.transpose(mixed, [1, 0]);
    });
    return ops.concat(connected, 1);
  };
}
