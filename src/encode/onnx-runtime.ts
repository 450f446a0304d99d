import type * as onnxRuntime from "onnxruntime-node";
import { FlowError, reasonOf } from "../errors.ts";

/** The module `onnxruntime-node`. */
type OnnxRuntime = typeof onnxRuntime;

/**
 * Loads `onnxruntime-node` when an encoder is opened, so that nothing else depends on its native part.
 *
 * @throws FlowError `DEPENDENCY_MISSING` with the way to install it
 */
export async function loadOnnxRuntime(
  load: () => Promise<OnnxRuntime> = () => import("onnxruntime-node"),
): Promise<OnnxRuntime> {
  try {
    return await load();
  } catch (error) {
    throw new FlowError(
      "DEPENDENCY_MISSING",
      "Encoding needs onnxruntime-node, which cannot be loaded here. Its install script fetches GPU files that are not " +
        "needed: reinstall with the environment variable ONNXRUNTIME_NODE_INSTALL=skip, as in " +
        `\`ONNXRUNTIME_NODE_INSTALL=skip npm install\` (${reasonOf(error)})`,
      { cause: error },
    );
  }
}
