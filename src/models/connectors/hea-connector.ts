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
      const weights = ops.transpose(ops.softmax(gate), [1, 0]); // [experts, B]
      const mixed = ops.add(
        mixture(scope, expertNames("share_expt_net", sharedExperts), widths, vector, {
          weights: ops.slice(weights, 0, 0, sharedExperts),
        }),
        mixture(scope, expertNames(`spcf_expt_net.${side}`, ownExperts), widths, vector, {
          weights: ops.slice(weights, 0, sharedExperts, ownExperts),
        }),
      ); // [d, B]
      return ops.transpose(mixed, [1, 0]);
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
 * Rows of the batch lie along the last axis: the first layer's product and its gradient, nearly all of the work, are then single
 * matrix products over the stacked weights, which a CPU computes some 10 % faster than one product an expert.
 *
 * @param vector - Shape `[B, in]`
 * @param weights - Shape `[N, B]`, `N` = experts
 * @returns Shape `[out, B]`
 */
function mixture<T>(
  { ops, parameters, shape }: ModelScope<T>,
  names: readonly string[],
  [inputWidth, hidden, outputWidth]: readonly [number, number, number],
  vector: T,
  { weights }: { readonly weights: T },
): T {
  const experts = names.length;
  const layer = (index: number, from: number, to: number, product: (weight: T) => T): T => {
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
    return ops.relu(ops.add(product(weight), ops.reshape(bias, [experts, to, 1])));
  };
  const inner = layer(0, inputWidth, hidden, (weight) =>
    ops.matmul(weight, vector, { transposeB: true }),
  ); // [N, hidden, B]
  const outputs = layer(1, hidden, outputWidth, (weight) => ops.matmul(weight, inner)); // [N, out, B]
  const byExpert = ops.reshape(weights, [experts, 1, shape.batchSize]);
  return ops.sum(ops.mul(outputs, byExpert), [0]);
}
