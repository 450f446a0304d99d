/** @file Adds `navigator.gpu` and the WebGPU constants to Node.js, as in browsers, from the package `webgpu` (Dawn). */

/** The exports of the package `webgpu` that are used. */
interface WebGpuPackage {
  readonly create: (options: readonly string[]) => unknown;
  readonly globals: object;
}

/**
 * Installs WebGPU where TensorFlow.js looks for it. It keeps the process alive.
 *
 * @param module - The exports of the package `webgpu`
 */
export function provideWebGpu(module: unknown): void {
  if (!isWebGpuPackage(module)) throw new Error("it has no `create` or no `globals`");
  Object.assign(globalThis, module.globals);
  Object.defineProperty(globalThis, "navigator", {
    value: { gpu: module.create([]), userAgent: "Node.js" },
    configurable: true,
  });
}

function isWebGpuPackage(module: unknown): module is WebGpuPackage {
  return (
    typeof module === "object" &&
    module !== null &&
    "create" in module &&
    typeof module.create === "function" &&
    "globals" in module &&
    typeof module.globals === "object"
  );
}
