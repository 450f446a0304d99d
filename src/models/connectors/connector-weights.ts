/**
 * Whether a connector has one set of weights for users and items, or one for each. Without vectors of both sides there is no
 * difference.
 */
export const connectorWeights = ["shared", "separate"] as const;
export type ConnectorWeights = (typeof connectorWeights)[number];

const prefix = "convert_module.sub_module";

/**
 * Vectors in order, user first, each with the prefix of its weights' names; equal prefixes mean shared weights. A single vector's prefix
 * is the shared one, so that its initial values do not depend on `weights`.
 */
export function vectorsWithWeights<T>(
  weights: ConnectorWeights,
  { user, item }: { readonly user?: T; readonly item?: T },
): readonly { readonly vector: T; readonly prefix: string }[] {
  const isSeparate = weights === "separate" && user !== undefined && item !== undefined;
  return [
    ...(user === undefined
      ? []
      : [{ vector: user, prefix: isSeparate ? `${prefix}.user` : prefix }]),
    ...(item === undefined
      ? []
      : [{ vector: item, prefix: isSeparate ? `${prefix}.item` : prefix }]),
  ];
}
