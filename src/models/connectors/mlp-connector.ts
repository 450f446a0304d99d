import type { Connector } from "../model.ts";
import { mlp } from "../layers/dense/mlp.ts";
import { vectorsWithWeights, type ConnectorWeights } from "./connector-weights.ts";
import { sharedKnowledgeDim } from "./shared-knowledge-dim.ts";

/** Sizes of {@link mlpConnector}. */
export interface MlpConnectorOptions {
  /** Width of the hidden layer; default 128. */
  readonly hidden?: number;
  /**
   * `separate` (default): `g_u` for users and `g_i` for items, equation 12 of the R4ec paper. `shared`: one MLP for both, as in its public
   * code; vectors must then be equally wide.
   */
  readonly weights?: ConnectorWeights;
}

/** The R4ec paper's connector: an MLP `in -> hidden -> d`. Its width and the ReLU after its last layer are those of the public code. */
export function mlpConnector({
  hidden = 128,
  weights = "separate",
}: MlpConnectorOptions = {}): Connector {
  return (scope, vectors) => {
    if (weights === "shared") sharedKnowledgeDim("mlp", scope.shape);
    const widths = [hidden, scope.shape.embeddingDim];
    const parts = vectorsWithWeights(weights, vectors).map(({ vector, prefix }) =>
      mlp(scope, prefix, vector, widths),
    ); // [B, d] each
    return scope.ops.concat(parts, 1);
  };
}
