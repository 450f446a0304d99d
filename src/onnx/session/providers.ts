/** @file ONNX Runtime's execution providers: where a session computes. */
import { FlowError, reasonOf } from "../../base/errors.ts";

/** The providers that r4ec supports. */
export const providerNames = ["cpu", "cuda", "webgpu"] as const;
export type Provider = (typeof providerNames)[number];

const needs: ReadonlyMap<string, string> = new Map([
  [
    "cuda",
    "it needs Linux x64, an NVIDIA GPU with CUDA 12 and cuDNN 9, and the GPU files that onnxruntime-node fetches when it is installed with " +
      "ONNXRUNTIME_NODE_INSTALL=cuda12",
  ],
  ["webgpu", "it needs a GPU with a Vulkan, Metal or Direct3D 12 driver"],
]);

/**
 * The error for a session that could not be opened with its providers; null if it only uses the CPU.
 *
 * @param cpuSetting - How a pipeline file asks for the CPU, such as "train.device: cpu"
 */
export function providerFailure(
  providers: readonly string[],
  cause: unknown,
  cpuSetting: string,
): FlowError | null {
  const missing = providers.find((name) => name !== "cpu");
  if (missing === undefined) return null;
  const need = needs.get(missing) ?? "onnxruntime-node does not have it";
  return new FlowError(
    "DEPENDENCY_MISSING",
    `cannot compute on ${missing}: ${need}; or use ${cpuSetting} (${reasonOf(cause)})`,
    { cause },
  );
}
