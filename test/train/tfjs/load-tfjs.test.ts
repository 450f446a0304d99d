import { describe, expect, test } from "vitest";

import { loadTfjs, type ImportPackage } from "../../../src/train/tfjs/load-tfjs.ts";

/** The functions by which TensorFlow.js is recognised, and a backend for each name in `backends`. */
function fakeTfjs(backends: readonly string[]) {
  const nothing = (): void => undefined;
  return {
    tidy: nothing,
    scatterND: nothing,
    variable: nothing,
    enableProdMode: nothing,
    setBackend: (name: string) => Promise.resolve(backends.includes(name)),
  };
}

/** An importer of these packages that notes what it is asked for; a package given as text cannot be loaded for that reason. */
function importerOf(packages: Readonly<Record<string, object | string>>) {
  const asked: string[] = [];
  const importPackage: ImportPackage = (name) => {
    asked.push(name);
    const found = packages[name];
    if (typeof found === "object") return Promise.resolve(found);
    const error =
      found === undefined
        ? Object.assign(new Error(`Cannot find package '${name}' imported from here`), {
            code: "ERR_MODULE_NOT_FOUND",
          })
        : new Error(found);
    return Promise.reject(error);
  };
  return { asked, importPackage };
}

const core = "@tensorflow/tfjs-core";
const everything = {
  "@tensorflow/tfjs-node-gpu": { default: fakeTfjs(["tensorflow"]) },
  "@tensorflow/tfjs-node": { default: fakeTfjs(["tensorflow"]) },
  [core]: { default: fakeTfjs(["webgpu", "wasm", "cpu"]) },
  "@tensorflow/tfjs-backend-webgpu": {},
  "@tensorflow/tfjs-backend-wasm": {},
  "@tensorflow/tfjs-backend-cpu": {},
};

describe("loadTfjs", () => {
  test("auto takes the fastest that is installed", async () => {
    const { "@tensorflow/tfjs-node-gpu": gpu, ...withoutGpu } = everything;
    expect(gpu).toBeDefined();
    const { "@tensorflow/tfjs-node": node, ...withoutNode } = withoutGpu;
    expect(node).toBeDefined();
    const { "@tensorflow/tfjs-backend-wasm": wasm, ...onlyCpu } = withoutNode;
    expect(wasm).toBeDefined();
    for (const [packages, device, backend] of [
      [everything, "node-gpu", "tensorflow"],
      [withoutGpu, "node", "tensorflow"],
      [withoutNode, "wasm", "wasm"],
      [onlyCpu, "cpu", "cpu"],
    ] as const) {
      const loaded = await loadTfjs("auto", importerOf(packages).importPackage);
      expect(loaded).toMatchObject({ device, backend });
    }
  });

  test("auto passes over what is installed but does not work", async () => {
    const { importPackage } = importerOf({
      ...everything,
      "@tensorflow/tfjs-node-gpu": "libtensorflow.so.2: cannot open shared object file",
      "@tensorflow/tfjs-node": { default: fakeTfjs([]) },
    });
    expect(await loadTfjs("auto", importPackage)).toMatchObject({ device: "wasm" });
  });

  test("a device by name loads its own packages, the core first, and nothing else", async () => {
    for (const [device, packages] of [
      ["node", ["@tensorflow/tfjs-node"]],
      ["wasm", [core, "@tensorflow/tfjs-backend-wasm"]],
      ["cpu", [core, "@tensorflow/tfjs-backend-cpu"]],
    ] as const) {
      const { asked, importPackage } = importerOf(everything);
      expect(await loadTfjs(device, importPackage)).toMatchObject({ device });
      expect(asked).toEqual(packages);
    }
  });

  test.each([
    ["node-gpu", "npm install @tensorflow/tfjs-node-gpu@4.22.0"],
    ["node", "npm install @tensorflow/tfjs-node@4.22.0"],
    [
      "webgpu",
      "npm install @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-webgpu@4.22.0 webgpu",
    ],
    ["wasm", "npm install @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0"],
    ["cpu", "npm install @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0"],
  ])("%s, not installed: says what to install", async (device, command) => {
    await expect(loadTfjs(device, importerOf({}).importPackage)).rejects.toMatchObject({
      code: "DEPENDENCY_MISSING",
      message: expect.stringMatching(
        new RegExp(
          `needs @tensorflow/.* to compute on ${device}, but it is not installed.*: ${command}$`,
        ),
      ) as string,
    });
  });

  test("installed but broken: says why", async () => {
    const reason = "libtensorflow.so.2: cannot open shared object file";
    for (const [packages, message] of [
      [{ "@tensorflow/tfjs-node": reason }, `tfjs-node: ${reason}. Choose another`],
      [{ "@tensorflow/tfjs-node": { default: fakeTfjs([]) } }, "finds no device to compute on"],
      [{ "@tensorflow/tfjs-node": { default: {} } }, "it does not export TensorFlow.js"],
    ] as const) {
      await expect(loadTfjs("node", importerOf(packages).importPackage)).rejects.toMatchObject({
        code: "DEPENDENCY_MISSING",
        message: expect.stringContaining(message) as string,
      });
    }
  });

  test("webgpu puts Dawn's navigator and constants where TensorFlow.js looks for them", async () => {
    const navigatorBefore = Object.getOwnPropertyDescriptor(globalThis, "navigator");
    const gpu = { name: "a GPU" };
    const { asked, importPackage } = importerOf({
      ...everything,
      webgpu: { create: () => gpu, globals: { GPUMapModeOfThisTest: 7 } },
    });
    try {
      expect(await loadTfjs("webgpu", importPackage)).toMatchObject({ backend: "webgpu" });
      expect(globalThis).toMatchObject({ navigator: { gpu }, GPUMapModeOfThisTest: 7 });
      expect(asked).toEqual([core, "webgpu", "@tensorflow/tfjs-backend-webgpu"]);
    } finally {
      Reflect.deleteProperty(globalThis, "navigator");
      Reflect.deleteProperty(globalThis, "GPUMapModeOfThisTest");
      if (navigatorBefore) Object.defineProperty(globalThis, "navigator", navigatorBefore);
    }
  });

  test("auto with nothing installed lists what was tried, and what to install for a GPU and without", async () => {
    const loading = loadTfjs(
      "auto",
      importerOf({ "@tensorflow/tfjs-node": "no AVX" }).importPackage,
    );
    await expect(loading).rejects.toMatchObject({
      code: "DEPENDENCY_MISSING",
      message: expect.stringMatching(
        /node-gpu: @tensorflow\/tfjs-node-gpu is not installed\n {2}node: no AVX\n.*webgpu: (.|\n)*npm install @tensorflow\/tfjs-node-gpu.*backend-wasm@4\.22\.0$/,
      ) as string,
    });
  });

  test("an unknown device is a mistake in the settings", async () => {
    await expect(loadTfjs("cuda", importerOf(everything).importPackage)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message:
        'train.device: engine tfjs has devices auto, node-gpu, node, webgpu, wasm, cpu; got "cuda"',
    });
  });
});
