import type { DecoderConfig } from "../decoder/decoder-config.ts";
import { FlowError } from "../../base/errors.ts";
import { hubNameOf, linearOf } from "./hub-names.ts";
import type { GgufFile } from "./open-gguf.ts";
import { interleavedHeads, separateHalves } from "./rotary-order.ts";
import type { TensorSource } from "./tensor-source.ts";

/**
 * The tensors of a GGUF file by their names on the Hugging Face hub, with the rows in the hub's order.
 *
 * @throws FlowError `INPUT_INVALID` for a file with tensors that no supported model has
 */
export function ggufWeights(
  file: GgufFile,
  config: Pick<DecoderConfig, "architecture" | "heads" | "keyHeads">,
): TensorSource {
  const names = new Map(
    file.names.map((name) => {
      const hubName = hubNameOf(name);
      if (hubName !== undefined) return [hubName, name];
      throw new FlowError(
        "INPUT_INVALID",
        name.startsWith("rope_f")
          ? `${file.path}: has tensor "${name}": scaled rotary positions, as in Llama 3.1 and later, are not supported. ` +
              "Take a model without them, such as SmolLM2 or Qwen2.5"
          : `${file.path}: has tensor "${name}", which no supported model has`,
      );
    }),
  );
  return {
    shapeOf: (name) => file.shapeOf(names.get(name) ?? ""),
    read: async (name) => {
      const values = await file.read(names.get(name) ?? name);
      const heads = interleavedHeads(linearOf(name), config);
      const rows = file.shapeOf(names.get(name) ?? name)?.[0];
      return heads === undefined || rows === undefined
        ? values
        : separateHalves(values, rows, heads);
    },
    close: file.close,
  };
}
