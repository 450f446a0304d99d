import type * as Onnx from "onnxruntime-node";

import { FlowError, reasonOf } from "../../base/errors.ts";

/** The parts of `onnxruntime-node` that training uses. */
export type OnnxRuntime = Pick<typeof Onnx, "InferenceSession" | "Tensor">;

/**
 * Loads ONNX Runtime, whose native library may be missing where an install was interrupted or made for another platform.
 *
 * @throws FlowError `DEPENDENCY_MISSING`
 */
export async function loadOnnxRuntime(
  load: () => Promise<OnnxRuntime> = () => import("onnxruntime-node"),
): Promise<OnnxRuntime> {
  try {
    return await load();
  } catch (cause) {
    throw new FlowError(
      "DEPENDENCY_MISSING",
      `Training needs onnxruntime-node, which could not be loaded (${reasonOf(cause)}). ` +
        "Install it again: ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node",
      { cause },
    );
  }
}

/**
 * A session for a model whose nodes run one after the other, each on `threads` threads.
 *
 * @param device - Execution provider: cpu, cuda or webgpu
 * @throws FlowError `DEPENDENCY_MISSING` when this machine has not what the provider needs
 */
export async function createSession(
  { InferenceSession }: OnnxRuntime,
  bytes: Uint8Array,
  { threads, device = "cpu" }: { readonly threads: number; readonly device?: string },
): Promise<Onnx.InferenceSession> {
  try {
    return await InferenceSession.create(bytes, {
      executionProviders: [device],
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      interOpNumThreads: 1,
      intraOpNumThreads: threads,
    });
  } catch (cause) {
    if (device === "cpu") throw cause;
    throw new FlowError(
      "DEPENDENCY_MISSING",
      `ONNX Runtime cannot compute on "${device}" here (${reasonOf(cause)}). Set train.device to cpu, or install what the ` +
        "provider needs: cuda wants onnxruntime-node installed without ONNXRUNTIME_NODE_INSTALL=skip, and CUDA; webgpu a GPU driver.",
      { cause },
    );
  }
}
