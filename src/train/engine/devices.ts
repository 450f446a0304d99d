/** @file Where each engine can compute. */
import { FlowError } from "../../base/errors.ts";
import { providerNames } from "../../onnx/session/providers.ts";

/** The devices of each engine by their names in a pipeline file, besides `auto`; those of TensorFlow.js the fastest first. */
export const devices = {
  onnx: providerNames,
  tfjs: ["node-gpu", "node", "webgpu", "wasm", "cpu"],
} as const;

export type EngineName = keyof typeof devices;
export type TfjsDevice = (typeof devices.tfjs)[number];

/** The names of all engines. */
export const engineNames = ["onnx", "tfjs"] as const satisfies readonly EngineName[];

/** What a pipeline file may say for a device, whichever the engine. */
export const deviceNames = ["auto", ...new Set(engineNames.flatMap((name) => devices[name]))];

/** What is wrong with a device for an engine; undefined where nothing is. */
export function deviceFault(engine: EngineName, device: string): string | undefined {
  const known: readonly string[] = ["auto", ...devices[engine]];
  if (known.includes(device)) return undefined;
  return `the engine ${engine} has the devices ${known.join(", ")}; got "${device}"`;
}

/** @throws FlowError `CONFIG_INVALID` for a device that the engine has not */
export function checkDevice(engine: EngineName, device: string): void {
  const fault = deviceFault(engine, device);
  if (fault !== undefined) throw new FlowError("CONFIG_INVALID", `train.device: ${fault}`);
}
