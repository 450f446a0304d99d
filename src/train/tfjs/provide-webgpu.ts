/** @file Gives Node.js what browsers have: `navigator.gpu` and the constants of WebGPU, from the package `webgpu` (Dawn). */

/** What is used of the package `webgpu`. */
interface WebGpuPackage {
  readonly create: (options: readonly string[]) => unknown;
  readonly globals: object;
}

/**
 * Puts WebGPU where TensorFlow.js looks for it. The process does not end by itself as long as it is there.
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
