import { expertMixture } from "../layers/dense/expert-mixture.ts";
import { linear } from "../layers/dense/linear.ts";
import type { Connector } from "../model.ts";
import { sharedKnowledgeDim } from "./shared-knowledge-dim.ts";

/** Sizes of {@link heaConnector}. */
export interface HeaConnectorOptions {
  /** Width of an expert's hidden layer; default 128. */
  readonly hidden?: number;
  /** Experts shared by users and items; default 2. */
  readonly sharedExperts?: number;
  /** Experts for users only, and as many for items only; default 6. */
  readonly ownExperts?: number;
}

/**
 * The hybrid-expert adaptor of KAR, in the R4ec paper's public code too: a mixture of two-layer experts, some of them shared by users and
 * items, weighted by a softmax gate on the vector (shared experts come first). Each side has a gate of its own. Numbers and widths of
 * the experts are those of that code.
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
        expertMixture(scope, expertNames("share_expt_net", sharedExperts), widths, vector, {
          weights: ops.slice(weights, 0, 0, sharedExperts),
        }),
        expertMixture(scope, expertNames(`spcf_expt_net.${side}`, ownExperts), widths, vector, {
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
