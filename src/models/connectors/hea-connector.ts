import type { Connector, ModelScope } from "../model.ts";
import { mlpModulesPerLayer } from "../layers/mlp.ts";
import { linear } from "../layers/linear.ts";
import { sharedKnowledgeDim } from "./shared-knowledge-dim.ts";

/** Sizes of {@link heaConnector}. */
export interface HeaConnectorOptions {
  /** Width of an expert's hidden layer; default 128. */
  readonly hidden?: number;
  /** Experts that users and items share; default 2. */
  readonly sharedExperts?: number;
  /** Experts of the users, and as many of the items; default 6. */
  readonly ownExperts?: number;
}

/**
 * The hybrid-expert adaptor of KAR, which the paper's public code uses: a mixture of two-layer experts, some shared between
 * users and items, weighted by a softmax gate on the vector (shared experts come first in the gate).
 * Source: Xi et al., "Towards Open-World Recommendation with Knowledge Augmentation from Large Language Models", 2024, section 4.3.
 */
export function heaConnector({
  hidden = 128,
  sharedExperts = 2,
  ownExperts = 6,
}: HeaConnectorOptions = {}): Connector {
  return (scope, vectors) => {
    const { ops, shape } = scope;
    const inputWidth = sharedKnowledgeDim("hea", shape);
    const widths = [inputWidth, hidden, shape.embeddingDim] as const;
    const connected = [vectors.user, vectors.item].flatMap((vector, side) => {
      if (vector === undefined) return [];
      const gate = linear(scope, `${prefix}.gate_net.${side}`, vector, sharedExperts + ownExperts);
      const weights = ops.softmax(gate); // [B, experts]
      return ops.add(
        mixture(scope, expertNames("share_expt_net", sharedExperts), widths, vector, {
          weights: ops.slice(weights, 1, 0, sharedExperts),
        }),
        mixture(scope, expertNames(`spcf_expt_net.${side}`, ownExperts), widths, vector, {
          weights: ops.slice(weights, 1, sharedExperts, ownExperts),
        }),
      );
    });
    return ops.concat(connected, 1);
  };
}

const prefix = "convert_module.sub_module";

function expertNames(group: string, experts: number): readonly string[] {
  return Array.from({ length: experts }, (_, expert) => `${prefix}.${group}.${expert}`);
}

/**
 * `Σ_e weight_e · relu(W2_e relu(W1_e x + b1_e) + b2_e)`, all experts in one batched product a layer.
 *
 * @param vector - Shape `[B, in]`
 * @param weights - Shape `[B, N]`, `N` = experts
 * @returns Shape `[B, out]`
 */
function mixture<T>(
  { ops, parameters, shape }: ModelScope<T>,
  names: readonly string[],
  [inputWidth, hidden, outputWidth]: readonly [number, number, number],
  vector: T,
  { weights }: { readonly weights: T },
): T {
  const experts = names.length;
  const layer = (index: number, x: T, from: number, to: number): T => {
    const module = names.map((name) => `${name}.fc.${index * mlpModulesPerLayer}`);
    const weight = parameters.stack(
      module.map((name) => `${name}.weight`),
      [to, from],
      "xavierNormal",
    );
    const bias = parameters.stack(
      module.map((name) => `${name}.bias`),
      [to],
      "zeros",
    );
    const product = ops.matmul(x, weight, { transposeB: true }); // [N, B, to]
    return ops.relu(ops.add(product, ops.reshape(bias, [experts, 1, to])));
  };
  const outputs = layer(1, layer(0, vector, inputWidth, hidden), hidden, outputWidth); // [N, B, out]
  const byExpert = ops.reshape(ops.transpose(weights, [1, 0]), [experts, shape.batchSize, 1]);
  return ops.sum(ops.mul(outputs, byExpert), [0]);
}
