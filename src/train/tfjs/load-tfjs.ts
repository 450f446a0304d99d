/** @file Finds installed TensorFlow.js packages: all are optional, and the fastest that works is used. */
import type * as TfjsCore from "@tensorflow/tfjs-core";

import { FlowError, reasonOf } from "../../base/errors.ts";
import { checkDevice, devices, type TfjsDevice } from "../engine/devices.ts";
import { provideWebGpu } from "./provide-webgpu.ts";

/** The module `@tensorflow/tfjs-core`. */
export type Tfjs = typeof TfjsCore;

/** TensorFlow.js with its backend active. */
export interface LoadedTfjs {
  readonly tf: Tfjs;
  readonly device: TfjsDevice;
  /** TensorFlow.js's name for it. */
  readonly backend: string;
}

/** The tested version. */
const version = "4.22.0";

interface DeviceParts {
  readonly backend: string;
  /** Imported in this order; the first exports what `tfjs-core` does. */
  readonly packages: readonly [string, ...string[]];
  /** The packages to install with npm. */
  readonly install: string;
}

/** The packages of each device. `tfjs-node` and `tfjs-node-gpu` bring their own core. */
const parts: Readonly<Record<TfjsDevice, DeviceParts>> = {
  "node-gpu": {
    backend: "tensorflow",
    packages: ["@tensorflow/tfjs-node-gpu"],
    install: `@tensorflow/tfjs-node-gpu@${version}`,
  },
  node: {
    backend: "tensorflow",
    packages: ["@tensorflow/tfjs-node"],
    install: `@tensorflow/tfjs-node@${version}`,
  },
  webgpu: {
    backend: "webgpu",
    packages: ["@tensorflow/tfjs-core", "webgpu", "@tensorflow/tfjs-backend-webgpu"],
    install: `@tensorflow/tfjs-core@${version} @tensorflow/tfjs-backend-webgpu@${version} webgpu`,
  },
  wasm: {
    backend: "wasm",
    packages: ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-wasm"],
    install: `@tensorflow/tfjs-core@${version} @tensorflow/tfjs-backend-wasm@${version}`,
  },
  cpu: {
    backend: "cpu",
    packages: ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-cpu"],
    install: `@tensorflow/tfjs-core@${version} @tensorflow/tfjs-backend-cpu@${version}`,
  },
};

/** Imports a package by name. */
export type ImportPackage = (name: string) => Promise<unknown>;

/** Why a device cannot be used. */
export interface DeviceFailure {
  readonly device: TfjsDevice;
  readonly package: string;
  readonly isInstalled: boolean;
  readonly reason: string;
  /** An npm command. */
  readonly cure: string;
  readonly cause: unknown;
}

/**
 * Loads TensorFlow.js for a device and activates its backend. `auto` = the fastest device that is installed and works.
 *
 * @param importPackage - For tests
 * @throws FlowError `CONFIG_INVALID` for an unknown device, `DEPENDENCY_MISSING` with the install command
 */
export async function loadTfjs(
  device = "auto",
  importPackage: ImportPackage = importInstalled,
): Promise<LoadedTfjs> {
  checkDevice("tfjs", device);
  const failures: DeviceFailure[] = [];
  for (const name of devices.tfjs) {
    if (device !== "auto" && device !== name) continue;
    const loaded = await tryDevice(name, importPackage);
    if ("tf" in loaded) return loaded;
    failures.push(loaded);
  }
  const [failure] = failures;
  throw failure && device !== "auto" ? unusable(failure) : nothingUsable(failures);
}

/** Loads TensorFlow.js for one device and activates its backend, or returns the reason why not. */
export async function tryDevice(
  device: TfjsDevice,
  importPackage: ImportPackage = importInstalled,
): Promise<LoadedTfjs | DeviceFailure> {
  const { backend, packages, install } = parts[device];
  let name: string = packages[0];
  try {
    const modules: unknown[] = [];
    for (name of packages) {
      const module = exportsOf(await importPackage(name));
      if (name === "webgpu") provideWebGpu(module);
      modules.push(module);
    }
    const [tf] = modules;
    if (!isTfjs(tf)) throw new Error("it does not export TensorFlow.js");
    tf.enableProdMode(); // no advice on the console, no search for NaN
    if (!(await tf.setBackend(backend))) throw new Error("it finds no device to compute on");
    return { tf, device, backend };
  } catch (cause) {
    return {
      device,
      package: name,
      isInstalled: !isNotFound(cause, name),
      reason: reasonOf(cause),
      cure: `npm install ${install}`,
      cause,
    };
  }
}

function unusable({ device, package: name, isInstalled, reason, cure, cause }: DeviceFailure) {
  return new FlowError(
    "DEPENDENCY_MISSING",
    isInstalled
      ? `Engine tfjs cannot compute on ${device}: ${name}: ${reason}. Choose another train.device, or reinstall it: ${cure}`
      : `Engine tfjs needs ${name} to compute on ${device}, but it is not installed. Install it next to r4ec: ${cure}`,
    { cause },
  );
}

function nothingUsable(failures: readonly DeviceFailure[]): FlowError {
  const tried = failures.map(
    ({ device, package: name, isInstalled, reason }) =>
      `  ${device}: ${isInstalled ? reason : `${name} is not installed`}`,
  );
  return new FlowError(
    "DEPENDENCY_MISSING",
    `Engine tfjs needs a TensorFlow.js backend, and none works here:\n${tried.join("\n")}\n` +
      `Install one next to r4ec, for a GPU: npm install ${parts["node-gpu"].install} (CUDA) or ${parts.webgpu.install} ` +
      `(any other); without one: npm install ${parts.wasm.install}`,
  );
}

/** Imports by a name that the compiler cannot resolve: the package need not be installed. */
function importInstalled(name: string): Promise<unknown> {
  return import(name);
}

/** CommonJS packages export everything under `default`, and sometimes nothing else. */
function exportsOf(module: unknown): unknown {
  const hasDefault = typeof module === "object" && module !== null && "default" in module;
  return hasDefault && typeof module.default === "object" ? module.default : module;
}

function isTfjs(module: unknown): module is Tfjs {
  return (
    typeof module === "object" &&
    module !== null &&
    ["setBackend", "tidy", "scatterND", "variable"].every(
      (name) => typeof (module as Readonly<Record<string, unknown>>)[name] === "function",
    )
  );
}

/** Whether the package itself is missing, not one of its dependencies. */
function isNotFound(error: unknown, name: string): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "ERR_MODULE_NOT_FOUND" || error.code === "MODULE_NOT_FOUND") &&
    error.message.includes(`'${name}'`)
  );
}
