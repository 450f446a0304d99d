import type * as Onnx from "onnxruntime-node";

import { FlowError, reasonOf } from "../../base/errors.ts";
import { forbidTelemetry } from "../../base/no-telemetry.ts";
import { providerFailure } from "./providers.ts";

/** The parts of `onnxruntime-node` that r4ec uses. */
export type OnnxRuntime = Pick<typeof Onnx, "InferenceSession" | "Tensor">;

/**
 * Loads `onnxruntime-node` on first use. Its native library may be missing after an interrupted install or on another platform; nothing
 * else should fail then. Its reports of usage are switched off first.
 *
 * @throws FlowError `DEPENDENCY_MISSING` with the command to install it, or as {@link forbidTelemetry}
 */
export async function loadOnnxRuntime(
  load: () => Promise<OnnxRuntime> = () => import("onnxruntime-node"),
): Promise<OnnxRuntime> {
  forbidTelemetry();
  try {
    return await load();
  } catch (cause) {
    throw new FlowError(
      "DEPENDENCY_MISSING",
      `onnxruntime-node cannot be loaded (${reasonOf(cause)}). Its install script fetches GPU files that the CPU does not need; ` +
        "install it without them: ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node",
      { cause },
    );
  }
}

/** How a model is computed. Other settings keep ONNX Runtime's defaults. */
export interface SessionOptions extends Pick<
  Onnx.InferenceSession.SessionOptions,
  "graphOptimizationLevel" | "logSeverityLevel" | "extra"
> {
  /** Threads per operator; operators run one after the other. */
  readonly threads: number;
  /** Execution providers by preference; default the CPU. */
  readonly providers?: readonly string[];
  /** How a pipeline file asks for the CPU, named in errors; needed for other providers only. */
  readonly cpuSetting?: string;
}

/**
 * Opens a model.
 *
 * @param model - A file, which may have external data next to it, or its bytes
 * @throws FlowError `DEPENDENCY_MISSING` if a provider other than the CPU is unavailable; otherwise ONNX Runtime's own error
 */
export async function createSession(
  { InferenceSession }: OnnxRuntime,
  model: string | Uint8Array,
  { threads, providers = ["cpu"], cpuSetting = "the CPU", ...settings }: SessionOptions,
): Promise<Onnx.InferenceSession> {
  const options: Onnx.InferenceSession.SessionOptions = {
    executionProviders: providers,
    executionMode: "sequential",
    interOpNumThreads: 1,
    intraOpNumThreads: threads,
    ...settings,
  };
  try {
    return typeof model === "string"
      ? await InferenceSession.create(model, options)
      : await InferenceSession.create(model, options);
  } catch (cause) {
    throw providerFailure(providers, cause, cpuSetting) ?? cause;
  }
}
