import path from "node:path";
import { asExpected, FlowError, reasonOf } from "../../base/errors.ts";
import { quantizeModel } from "../../onnx/quantize/quantize-model.ts";
import { encoderFiles } from "../folder/encoder-folder.ts";
import { makeFolderOnce } from "../folder/make-folder-once.ts";

/**
 * A model with 8-bit weights, quantized from one with float32 weights and kept under `dir` by the encoder's hash. Quantizing takes about a
 * second per gigabyte; the result takes a quarter of the space. Processes may race for it: each makes one, the first to finish wins.
 *
 * @param model - file of the float32 model, absolute
 * @param hash - identity of the encoder with 8-bit weights
 * @returns The model file, absolute
 * @throws FlowError `INPUT_INVALID` when the model cannot be made smaller, `OUTPUT_FAILED` when there is no space for it
 */
export async function int8Model(model: string, hash: string, dir: string): Promise<string> {
  const folder = path.join(dir, `int8-${hash}`);
  const made = path.join(folder, encoderFiles.model);
  try {
    await makeFolderOnce(folder, [encoderFiles.model], (unfinished) =>
      quantizeModel(model, path.join(unfinished, encoderFiles.model)),
    );
  } catch (error) {
    const expected = asExpected(error);
    if (expected instanceof FlowError) throw expected;
    throw new FlowError(
      "INPUT_INVALID",
      `${model}: cannot be brought to 8 bits (${reasonOf(error)}); use encode.precision: fp32, or put a ready model_int8.onnx beside it`,
      { cause: error },
    );
  }
  return made;
}
