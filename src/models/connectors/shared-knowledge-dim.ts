import { FlowError } from "../../base/errors.ts";
import type { ModelShape } from "../model.ts";

/**
 * Width of the knowledge vectors, for connectors that share weights between users and items.
 *
 * @throws FlowError `CONFIG_INVALID` if user and item vectors differ in width
 */
export function sharedKnowledgeDim(connector: string, { knowledge }: ModelShape): number {
  if (knowledge === undefined)
    throw new Error("internal: a connector in a model without knowledge");
  const { userDim, itemDim } = knowledge;
  const width = userDim ?? itemDim;
  if (width === undefined) throw new Error("internal: knowledge without vectors");
  if (itemDim !== undefined && itemDim !== width) {
    throw new FlowError(
      "CONFIG_INVALID",
      `Connector "${connector}" shares its weights between users and items and needs vectors of equal width, ` +
        `got ${width} for users and ${itemDim} for items. Encode both with the same encoder.`,
    );
  }
  return width;
}
