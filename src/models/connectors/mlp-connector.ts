import type { Connector } from "../model.ts";
import { mlp } from "../layers/dense/mlp.ts";
import { sharedKnowledgeDim } from "./shared-knowledge-dim.ts";

/** Sizes of {@link mlpConnector}. */
export interface MlpConnectorOptions {
  /** Width of the hidden layer; default 128. */
  readonly hidden?: number;
}

/**
 * The paper's connector: an MLP `in -> hidden -> d`, with the same weights for user and item vectors, which must be equally wide.
 */
export function mlpConnector({ hidden = 128 }: MlpConnectorOptions = {}): Connector {
  return (scope, { user, item }) => {
    sharedKnowledgeDim("mlp", scope.shape);
    const parts = [user, item].flatMap((vector) =>
      vector === undefined
        ? []
        : [mlp(scope, "convert_module.sub_module", vector, [hidden, scope.shape.embeddingDim])],
    ); // [B, d] each
    return scope.ops.concat(parts, 1);
  };
}
