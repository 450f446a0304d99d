import { FlowError } from "../../base/errors.ts";
import type { ModelShape } from "../model.ts";

/** Widths of the knowledge vectors, user first; one without vectors of the other side. */
export function knowledgeDims({ knowledge }: ModelShape): readonly number[] {
  if (knowledge === undefined)
    throw new Error("internal: a connector in a model without knowledge");
  const dims = [knowledge.userDim, knowledge.itemDim].filter((width) => width !== undefined);
  if (dims.length === 0) throw new Error("internal: knowledge without vectors");
  return dims;
}

/**
 * Width of the knowledge vectors, for connectors that share weights between users and items.
 *
 * @throws FlowError `CONFIG_INVALID` if user and item vectors differ in width
 */
export function sharedKnowledgeDim(connector: string, shape: ModelShape): number {
  const [width = 0, other = width] = knowledgeDims(shape);
  if (other !== width) {
    throw new FlowError(
      "CONFIG_INVALID",
      `Connector "${connector}" shares weights between users and items and needs vectors of equal width, ` +
        `got ${width} for users and ${other} for items. Encode both with the same encoder, or use connector mlp or moe with ` +
        "train.connectorWeights: separate.",
    );
  }
  return width;
}
