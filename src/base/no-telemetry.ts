/** @file Libraries that report usage to their makers unless the environment forbids it. */
import { env } from "node:process";
import { isMainThread } from "node:worker_threads";
import { FlowError } from "./errors.ts";

/** Read by ONNX Runtime's library when it opens its first session. */
const variable = "ORT_DISABLE_TELEMETRY";

/**
 * Forbids usage reports for this process and for every thread and process that it starts. To be called before a native library is
 * loaded and before threads are started: a thread has a copy of the environment, and what it changes there reaches no library.
 *
 * @throws `DEPENDENCY_MISSING` in a thread whose process has not forbidden them
 */
export function forbidTelemetry(
  environment: Record<string, string | undefined> = env,
  ownsProcess = isMainThread,
): void {
  if (ownsProcess) environment[variable] = "1";
  if (environment[variable] === "1") return;
  throw new FlowError(
    "DEPENDENCY_MISSING",
    "onnxruntime-node reports usage to its maker, and a worker thread cannot switch that off for its process. " +
      `Start the process with ${variable}=1, or set process.env.${variable} = "1" in its main thread before it starts workers.`,
  );
}
