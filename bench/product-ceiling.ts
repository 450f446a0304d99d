import { createGraph } from "../src/autodiff/graph.ts";
import { graphOps } from "../src/autodiff/trace.ts";
import { emitModel } from "../src/onnx/emit/emit.ts";
import { bindSession } from "../src/onnx/session/bound-session.ts";
import { loadOnnxRuntime } from "../src/onnx/session/runtime.ts";
import type { Product } from "./finetune-shapes.ts";

/** The least seconds that each product took alone, summed over all: no step can be faster on this machine. */
export async function productSeconds(
  products: readonly Product[],
  threads: number,
  rounds: number,
): Promise<number> {
  const runtime = await loadOnnxRuntime();
  const { Tensor } = runtime;
  let total = 0;
  for (const { rows, inner, columns, times } of products) {
    const graph = createGraph();
    const ops = graphOps(graph);
    const x = graph.node({ kind: "input", name: "x" }, [], [rows, inner]);
    const weight = graph.node({ kind: "input", name: "weight" }, [], [columns, inner]);
    const session = await bindSession(emitModel(new Map([["y", ops.linear(x, weight)]])), {
      ...{ runtime, threads, device: "cpu" },
      inputs: {
        x: new Tensor("float32", new Float32Array(rows * inner).fill(0.5), [rows, inner]),
        weight: new Tensor("float32", new Float32Array(columns * inner).fill(0.5), [
          columns,
          inner,
        ]),
      },
      outputs: { y: new Tensor("float32", new Float32Array(rows * columns), [rows, columns]) },
    });
    let least = Infinity;
    for (let round = 0; round <= rounds; round++) {
      const start = performance.now();
      await session.run({});
      if (round > 0) least = Math.min(least, (performance.now() - start) / 1000);
    }
    await session.close();
    total += least * times;
  }
  return total;
}
