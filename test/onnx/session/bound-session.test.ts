import { describe, expect, test } from "vitest";
import { createGraph } from "../../../src/autodiff/graph.ts";
import { graphOps } from "../../../src/autodiff/trace.ts";
import { emitModel } from "../../../src/onnx/emit/emit.ts";
import { bindSession } from "../../../src/onnx/session/bound-session.ts";
import { loadOnnxRuntime } from "../../../src/onnx/session/runtime.ts";

const graph = createGraph();
const x = graph.node({ kind: "input", name: "x" }, [], [2]);
const w = graph.node({ kind: "parameter", name: "w" }, [], [2]);
const model = emitModel(new Map([["y", graphOps(graph).mul(x, w)]]));

async function bound(isBound: boolean) {
  const runtime = await loadOnnxRuntime();
  const tensor = (...values: readonly number[]) =>
    new runtime.Tensor(Float32Array.from(values), [2]);
  const y = tensor(0, 0);
  const session = await bindSession(model, {
    runtime,
    threads: 1,
    device: "cpu",
    inputs: isBound ? { w: tensor(2, 3) } : {},
    ...(isBound && { outputs: { y } }),
  });
  return { session, tensor, y };
}

describe("bindSession", () => {
  test("writes to the bound outputs, or to those of the run", async () => {
    const { session, tensor, y } = await bound(true);
    await session.run({ x: tensor(1, 10) });
    expect(y.data).toEqual(Float32Array.of(2, 30));
    const other = tensor(0, 0);
    await session.run({ x: tensor(4, 5) }, { y: other });
    expect(other.data).toEqual(Float32Array.of(8, 15));
    expect(y.data).toEqual(Float32Array.of(2, 30));
    await session.close();
  });

  test("serves several layers, with weights and outputs per run", async () => {
    const { session, tensor } = await bound(false);
    const [first, second] = [tensor(0, 0), tensor(0, 0)];
    await session.run({ x: tensor(1, 1), w: tensor(2, 3) }, { y: first });
    await session.run({ x: first, w: tensor(4, 5) }, { y: second });
    expect(second.data).toEqual(Float32Array.of(8, 15));
    await session.close();
  });

  test("a run without tensors for its inputs or outputs is a bug", async () => {
    const { session, tensor } = await bound(false);
    await expect(session.run({}, { y: tensor(0, 0) })).rejects.toThrow(
      'internal: the model\'s input "x" is not fed',
    );
    await expect(session.run({ x: tensor(1, 1), w: tensor(1, 1) })).rejects.toThrow(
      "internal: the model's outputs have no tensors",
    );
    await session.close();
  });
});
