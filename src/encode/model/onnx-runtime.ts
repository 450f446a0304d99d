import type * as onnxRuntime from "onnxruntime-node";
import { FlowError, reasonOf } from "../../base/errors.ts";

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

/** Where a session computes. */
export const providerNames = ["cpu", "cuda", "webgpu"] as const;
export type Provider = (typeof providerNames)[number];

const providerCures: Readonly<Record<Exclude<Provider, "cpu">, string>> = {
  cuda:
    "it needs Linux x64, an NVIDIA GPU with CUDA 12 and cuDNN 9, and the GPU files that onnxruntime-node fetches when it is installed with " +
    "ONNXRUNTIME_NODE_INSTALL=cuda12",
  webgpu: "it needs a GPU with a Vulkan, Metal or Direct3D 12 driver",
};

/** Why a session could not be opened, where it was for want of a provider; null where it was the CPU's. */
export function providerFailure(providers: readonly Provider[], error: unknown): FlowError | null {
  const missing = providers.find((name) => name !== "cpu");
  if (missing === undefined) return null;
  return new FlowError(
    "DEPENDENCY_MISSING",
    `encode.providers: cannot compute on ${missing}: ${providerCures[missing]}; or use encode.providers: [cpu] (${reasonOf(error)})`,
    { cause: error },
  );
}
