/** @file What tests of whole models share. */
import type { Engine, EngineRequest } from "../../../src/train/engine/engine.ts";
import { createOnnxEngine } from "../../../src/train/engine/onnx-engine.ts";

/** An engine of one thread and, unless said otherwise, seed 1, closed after use. */
export async function withEngine(
  options: Omit<EngineRequest, "seed" | "threads"> & { readonly seed?: number },
  use: (engine: Engine) => Promise<void>,
): Promise<void> {
  const engine = await createOnnxEngine({ seed: 1, ...options, threads: 1 });
  try {
    await use(engine);
  } finally {
    await engine.close();
  }
}
