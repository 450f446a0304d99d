/** @file Finds the packages of TensorFlow.js that are installed: all are optional, and the fastest that works is taken. */
import type * as TfjsCore from "@tensorflow/tfjs-core";

import { FlowError, reasonOf } from "../../base/errors.ts";
import { checkDevice, devices, type TfjsDevice } from "../engine/devices.ts";
import { provideWebGpu } from "./provide-webgpu.ts";

/** The parts of `@tensorflow/tfjs-core` that training uses. */
export type Tfjs = typeof TfjsCore;

/** TensorFlow.js with an active backend. */
export interface LoadedTfjs {
  readonly tf: Tfjs;
  readonly device: TfjsDevice;
  /** TensorFlow.js's name for it. */
  readonly backend: string;
}

/** The version this was written for and tested with. */
const version = "4.22.0";

interface DeviceParts {
  readonly backend: string;
  /** Imported in this order; the first has the functions of `tfjs-core`. */
  readonly packages: readonly [string, ...string[]];
  /** What npm has to install. */
  readonly install: string;
}

/** What each device is made of. `tfjs-node` and `tfjs-node-gpu` bring a core of their own. */
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

/** Imports an installed package. */
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
 * Loads TensorFlow.js for a device and makes its backend the active one. `auto` is the fastest device that is installed and works.
 *
 * @param importPackage - For tests
 * @throws FlowError `CONFIG_INVALID` for an unknown device, `DEPENDENCY_MISSING` with the command that installs what is missing
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

/** Loads TensorFlow.js for one device and makes its backend the active one, or says why that cannot be done. */
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
    if (!isTfjs(tf)) throw new Error("it has not the functions of TensorFlow.js");
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
      ? `The engine tfjs cannot compute on ${device}: ${name}: ${reason}. Choose another train.device, or install it again: ${cure}`
      : `The engine tfjs computes on ${device} with ${name}, which is not installed. Install it beside r4ec: ${cure}`,
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
    `The engine tfjs needs one of TensorFlow.js's backends, and none works here:\n${tried.join("\n")}\n` +
      `Install one beside r4ec, for a GPU: npm install ${parts["node-gpu"].install} (CUDA) or ${parts.webgpu.install} ` +
      `(any other); without one: npm install ${parts.wasm.install}`,
  );
}

/** By a name that the compiler does not follow: it need not be installed. */
function importInstalled(name: string): Promise<unknown> {
  return import(name);
}

/** CommonJS packages have everything under `default`, and not always more. */
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

/** Whether the import failed because there is no such package, not because of something it needs. */
function isNotFound(error: unknown, name: string): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "ERR_MODULE_NOT_FOUND" || error.code === "MODULE_NOT_FOUND") &&
    error.message.includes(`'${name}'`)
  );
}
