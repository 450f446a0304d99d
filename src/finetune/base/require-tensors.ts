import { FlowError } from "../../base/errors.ts";
import type { DecoderConfig } from "../decoder/decoder-config.ts";
import { decoderTensors } from "../decoder/decoder-tensors.ts";
import type { TensorSource } from "../weights/tensor-source.ts";

/**
 * Checks that the weights are those of a decoder, before any of them is read.
 *
 * @param whose - Folder or file, for errors
 * @throws FlowError `INPUT_INVALID` naming the first tensor that is missing or has another shape, or for heads that do not fit together
 */
export function requireTensors(weights: TensorSource, config: DecoderConfig, whose: string): void {
  const { heads, keyHeads, headWidth } = config;
  if (heads % keyHeads !== 0 || headWidth % 2 !== 0) {
    throw new FlowError(
      "INPUT_INVALID",
      `${whose}: ${heads} query heads, ${keyHeads} key heads and a head width of ${headWidth} do not fit together`,
    );
  }
  for (const [name, shape] of decoderTensors(config)) {
    const found = weights.shapeOf(name);
    if (found?.join() === shape.join()) continue;
    const fault =
      found === undefined
        ? `there is no tensor "${name}"`
        : `tensor "${name}" has the shape [${found.join(", ")}], its configuration says [${shape.join(", ")}]`;
    throw new FlowError(
      "INPUT_INVALID",
      `${whose}: ${fault}: the weights and the configuration are not of the same ${config.architecture} model, or incomplete; fetch it again`,
    );
  }
}
