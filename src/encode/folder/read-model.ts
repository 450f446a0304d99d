import { FlowError, reasonOf } from "../../base/errors.ts";
import { readOnnxModel, type StoredModel } from "../../onnx/format/model-reader.ts";

/**
 * An encoder's model, without its weights.
 *
 * @param model - Absolute
 * @throws FlowError `INPUT_INVALID` when it is not an ONNX model
 */
export function readModel(model: string): StoredModel {
  try {
    return readOnnxModel(model);
  } catch (error) {
    throw new FlowError("INPUT_INVALID", `${model}: cannot load the model (${reasonOf(error)})`, {
      cause: error,
    });
  }
}
