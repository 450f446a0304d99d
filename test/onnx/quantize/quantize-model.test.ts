import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readOnnxModel } from "../../../src/onnx/format/model-reader.ts";
import { onnxModelWriter } from "../../../src/onnx/format/model-writer.ts";
import { quantizeModel } from "../../../src/onnx/quantize/quantize-model.ts";
import { quantizeColumns, quantizeRows } from "../../../src/onnx/quantize/quantize-weights.ts";

let root: string;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "r4ec-quantize-"));
});

afterAll(() => rm(root, { recursive: true, force: true }));

describe("quantizeColumns", () => {
  test("uses one scale per column", () => {
    const { values, scales } = quantizeColumns(Float32Array.of(8, 0, -50, -254, 0, 127), 3);
    expect([...scales]).toEqual([2, 1, 1]);
    expect([...values]).toEqual([4, 0, -50, -127, 0, 127]);
  });
});

describe("quantizeRows", () => {
  test("uses one scale per row", () => {
    const { values, scales } = quantizeRows(Float32Array.of(254, -9, 0, 0, 127, -3), 2);
    expect([...scales]).toEqual([2, 1, 1]);
    expect([...values]).toEqual([127, -4, 0, 0, 127, -3]); // -4.5 goes up to -4
  });
});

/** A table of 1,100 rows of [k mod 127, -127], looked up and multiplied by a matrix that 8 bits hold exactly, plus a bias. */
async function writeModel(file: string, isExternal: boolean): Promise<void> {
  const model = onnxModelWriter();
  const table = Float32Array.from({ length: 2200 }, (_, i) => (i % 2 === 0 ? (i / 2) % 127 : -127));
  const matrix = Float32Array.of(127, 2, -1, 254);
  model.input("ids", "int64", ["tokens"]);
  if (isExternal) {
    model.external("table", "float32", [1100, 2], { location: "weights", offset: 8 });
    model.external("matrix", "float32", [2, 2], { location: "weights", offset: 8808 });
    const bytes = [new Float32Array(2), table, matrix].map(({ buffer }) => new Uint8Array(buffer));
    await writeFile(path.join(path.dirname(file), "weights"), Buffer.concat(bytes));
  } else {
    model.initializer("table", "float32", [1100, 2], table);
    model.initializer("matrix", "float32", [2, 2], matrix);
  }
  model.initializer("bias", "float32", [2], [0.5, -0.5]);
  model.node("Gather", ["table", "ids"], ["rows"]);
  model.node("MatMul", ["rows", "matrix"], ["product"]);
  model.node("Add", ["product", "bias"], ["y"]);
  model.output("y", "float32", ["tokens", 2]);
  await writeFile(file, model.bytes());
}

async function run(file: string): Promise<readonly number[]> {
  const session = await InferenceSession.create(file, { intraOpNumThreads: 1 });
  const ids = new Tensor("int64", BigInt64Array.of(0n, 100n, 1099n), [3]);
  const { y } = await session.run({ ids });
  await session.release();
  return [...(y?.data ?? [])].map(Number);
}

describe("quantizeModel", () => {
  test.each([false, true])(
    "computes the same in 8 bits, weights beside the model: %s",
    async (isExternal) => {
      const source = path.join(root, "model.onnx");
      const target = path.join(root, "small.onnx");
      await writeModel(source, isExternal);
      expect(await quantizeModel(source, target)).toBe(2);
      const { nodes, initializers } = readOnnxModel(target);
      expect(nodes.map(({ opType }) => opType)).toEqual([
        ...["Gather", "Cast", "Gather", "Mul"],
        ...["DynamicQuantizeLinear", "MatMulInteger", "Cast", "Mul", "Mul", "Add"],
      ]);
      const int8 = initializers.filter(({ type }) => type === 3);
      expect(int8.map(({ name, values }) => [name, values?.bytes])).toEqual([
        ["table_int8", 2200],
        ["matrix_int8", 4],
      ]);
      // rows [0, -127], [100, -127], [83, -127] in 227 steps of 1 to 0.89: what is left is rounding
      const exact = await run(source);
      expect(exact).toEqual([127.5, -32258.5, 12827.5, -32058.5, 10668.5, -32092.5]);
      const small = await run(target);
      small.forEach((value, i) => {
        expect(Math.abs(value - (exact[i] ?? 0))).toBeLessThan(0.01 * 32258);
      });
      expect((await readFile(`${target}_data`)).length).toBeLessThan(3000);
    },
  );

  test("keeps weights that other operators use too", async () => {
    const source = path.join(root, "tied.onnx");
    const model = onnxModelWriter();
    model.input("x", "float32", ["rows", 2]);
    model.initializer("tied", "float32", [2, 2], [1, 2, 3, 4]);
    model.initializer("own", "float32", [2, 2], [1, 2, 3, 4]);
    model.node("MatMul", ["x", "tied"], ["a"]);
    model.node("Add", ["a", "tied"], ["b"]);
    model.node("MatMul", ["b", "own"], ["y"]);
    model.output("y", "float32", ["rows", 2]);
    await writeFile(source, model.bytes());
    expect(await quantizeModel(source, path.join(root, "tied-small.onnx"))).toBe(1);
    const names = readOnnxModel(path.join(root, "tied-small.onnx")).initializers.map(
      ({ name }) => name,
    );
    expect(names).toEqual(["tied", "own_int8", "own_scale"]);
  });

  test("refuses a model without such weights, and files that are not models", async () => {
    const source = path.join(root, "none.onnx");
    const model = onnxModelWriter();
    model.input("x", "float32", [1]);
    model.node("Identity", ["x"], ["y"]);
    model.output("y", "float32", [1]);
    await writeFile(source, model.bytes());
    const target = path.join(root, "never.onnx");
    await expect(quantizeModel(source, target)).rejects.toThrow("no product with float32 weights");
    await writeFile(source, "not a model");
    await expect(quantizeModel(source, target)).rejects.toThrow("not a protobuf message");
  });
});
