import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { onnxModelWriter, type OnnxModelWriter } from "../../../src/onnx/format/model-writer.ts";

async function run(
  model: OnnxModelWriter,
  feeds: Record<string, Tensor>,
): Promise<Record<string, Tensor>> {
  const session = await InferenceSession.create(model.bytes(), { intraOpNumThreads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

describe("onnxModelWriter", () => {
  test("adds an initializer to an input with a dynamic first axis", async () => {
    const model = onnxModelWriter();
    model.input("x", "float32", ["rows", 2]);
    model.initializer("b", "float32", [2], new Float32Array([10, 20]));
    model.node("Add", ["x", "b"], ["y"]);
    model.output("y", "float32", ["rows", 2]);
    const { y } = await run(model, { x: new Tensor("float32", [1, 2, 3, 4], [2, 2]) });
    expect(y?.dims).toEqual([2, 2]);
    expect([...(y?.data ?? [])]).toEqual([11, 22, 13, 24]);
  });

  test("passes int and float attributes: Gemm with a transposed weight and a scale", async () => {
    const model = onnxModelWriter();
    model.input("x", "float32", [1, 2]);
    model.initializer("w", "float32", [3, 2], [1, 2, 3, 4, 5, 6]);
    model.initializer("b", "float32", [3], [1, 1, 1]);
    model.node("Gemm", ["x", "w", "b"], ["y"], { transB: 1, alpha: { float: 0.5 } });
    model.output("y", "float32", [1, 3]);
    const { y } = await run(model, { x: new Tensor("float32", [2, 4], [1, 2]) });
    expect([...(y?.data ?? [])]).toEqual([6, 12, 18]); // 0.5 (2·1 + 4·2) + 1, ...
  });

  test("passes ints, negative ints, text, int64 initializers and the com.microsoft domain", async () => {
    const model = onnxModelWriter();
    model.input("x", "int32", [2, 3]);
    model.initializer("shape", "int64", [2], [3, -1]);
    model.node("Transpose", ["x"], ["t"], { perm: [1, 0] });
    model.node("Reshape", ["t", "shape"], ["r"]);
    model.node("Cast", ["r"], ["f"], { to: 1 });
    model.initializer("zero", "int64", [1, 1], [0]);
    model.initializer("one", "float32", [1, 2], [100, 100]);
    model.node("ScatterND", ["f", "zero", "one"], ["s"], { reduction: "add" });
    model.node("FusedMatMul", ["s", "s"], ["y"], { transB: 1 }, "com.microsoft");
    model.node("ArgMax", ["y"], ["best"], { axis: -1, keepdims: 0 });
    model.output("y", "float32", [3, 3]);
    model.output("best", "int64", [3]);
    const { y, best } = await run(model, {
      x: new Tensor("int32", Int32Array.of(1, 2, 3, 4, 5, 6), [2, 3]),
    });
    // rows of s: [101, 104], [2, 5], [3, 6]
    expect([...(y?.data ?? [])]).toEqual([21017, 722, 927, 722, 29, 36, 927, 36, 45]);
    expect([...(best?.data ?? [])]).toEqual([0n, 0n, 0n]);
  });

  test("writes only the view's values for an initializer that views a larger buffer", async () => {
    const all = new Float32Array([9, 1, 2, 9]);
    const model = onnxModelWriter();
    model.input("x", "float32", [2]);
    model.initializer("b", "float32", [2], all.subarray(1, 3));
    model.node("Add", ["x", "b"], ["y"]);
    model.output("y", "float32", [2]);
    const { y } = await run(model, { x: new Tensor("float32", [0, 0], [2]) });
    expect([...(y?.data ?? [])]).toEqual([1, 2]);
  });

  test("refuses data that does not fill the shape, and duplicate names", () => {
    const model = onnxModelWriter();
    expect(() => {
      model.initializer("b", "float32", [2, 2], [1]);
    }).toThrow('"b" of shape [2, 2] needs 4 values, got 1');
    model.input("x", "float32", [1]);
    expect(() => {
      model.node("Relu", ["x"], ["x"]);
    }).toThrow('"x" is defined twice');
  });
});
