/** @file The devices that each engine can compute on. */
import { FlowError } from "../../base/errors.ts";
import { providerNames } from "../../onnx/session/providers.ts";

/** Each engine's devices by their names in a pipeline file, besides `auto`; those of TensorFlow.js fastest first. */
export const devices = {
  onnx: providerNames,
  tfjs: ["node-gpu", "node", "webgpu", "wasm", "cpu"],
} as const;

export type EngineName = keyof typeof devices;
export type TfjsDevice = (typeof devices.tfjs)[number];

/** Names of all engines. */
export const engineNames = ["onnx", "tfjs"] as const satisfies readonly EngineName[];

/** All device names that a pipeline file may use, for any engine. */
export const deviceNames = ["auto", ...new Set(engineNames.flatMap((name) => devices[name]))];

/** Why an engine cannot use a device; undefined if it can. */
export function deviceFault(engine: EngineName, device: string): string | undefined {
  const known: readonly string[] = ["auto", ...devices[engine]];
  if (known.includes(device)) return undefined;
  return `engine ${engine} has devices ${known.join(", ")}; got "${device}"`;
}

/** @throws FlowError `CONFIG_INVALID` for a device that the engine does not have */
export function checkDevice(engine: EngineName, device: string): void {
  const fault = deviceFault(engine, device);
  if (fault !== undefined) throw new FlowError("CONFIG_INVALID", `train.device: ${fault}`);
}
