/** @file Finds the packages of TensorFlow.js that are installed: all are optional, and the fastest that works is taken. */
import type * as TfjsCore from "@tensorflow/tfjs-core";

import { FlowError, reasonOf } from "../../errors.ts";
import { provideWebGpu } from "./provide-webgpu.ts";

/** The parts of `@tensorflow/tfjs-core` that training uses. */
export type Tfjs = typeof TfjsCore;

/** Where TensorFlow.js can compute, the fastest first. */
export const tfjsDevices = ["node-gpu", "node", "webgpu", "wasm", "cpu"] as const;
export type TfjsDevice = (typeof tfjsDevices)[number];

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

/**
 * Loads TensorFlow.js for a device and makes its backend the active one. `auto` is the first of {@link tfjsDevices} that is installed and
 * works.
 *
 * @param importPackage - For tests
 * @throws FlowError `CONFIG_INVALID` for an unknown device, `DEPENDENCY_MISSING` with the command that installs what is missing
 */
export async function loadTfjs(
  device = "auto",
  importPackage: ImportPackage = importInstalled,
): Promise<LoadedTfjs> {
  if (device === "auto") return loadFirst(importPackage);
  const known = tfjsDevices.find((name) => name === device);
  if (known === undefined) {
    throw new FlowError(
      "CONFIG_INVALID",
      `train.device: the engine tfjs knows auto, ${tfjsDevices.join(", ")}; got ${device}`,
    );
  }
  return loadDevice(known, importPackage);
}

/** Loads TensorFlow.js for one device; see {@link loadTfjs}. */
export async function loadDevice(
  device: TfjsDevice,
  importPackage: ImportPackage = importInstalled,
): Promise<LoadedTfjs> {
  const { backend, packages, install } = parts[device];
  const cure = `npm install ${install}`;
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
    name = packages.at(-1) ?? name;
    tf.enableProdMode(); // no advice on the console, no search for NaN
    if (!(await tf.setBackend(backend))) throw new Error("it finds no device to compute on");
    return { tf, device, backend };
  } catch (cause) {
    const isMissing = isNotInstalled(cause, name);
    throw new FlowError(
      "DEPENDENCY_MISSING",
      isMissing
        ? `The engine tfjs computes on ${device} with ${name}, which is not installed. Install it beside r4ec: ${cure}`
        : `The engine tfjs cannot compute on ${device}: ${name}: ${reasonOf(cause)}. ` +
            `Choose another train.device, or install it again: ${cure}`,
      { cause },
    );
  }
}

async function loadFirst(importPackage: ImportPackage): Promise<LoadedTfjs> {
  const failures: string[] = [];
  for (const device of tfjsDevices) {
    try {
      return await loadDevice(device, importPackage);
    } catch (error) {
      if (!(error instanceof FlowError)) throw error;
      failures.push(`  ${device}: ${reasonOf(error.cause)}`);
    }
  }
  throw new FlowError(
    "DEPENDENCY_MISSING",
    `The engine tfjs needs one of TensorFlow.js's backends, and none works here:\n${failures.join("\n")}\n` +
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
function isNotInstalled(error: unknown, name: string): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "ERR_MODULE_NOT_FOUND" || error.code === "MODULE_NOT_FOUND") &&
    error.message.includes(`'${name}'`)
  );
}
