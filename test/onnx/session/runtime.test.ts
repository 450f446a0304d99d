import { describe, expect, test } from "vitest";
import { createGraph } from "../../../src/autodiff/graph.ts";
import { graphOps } from "../../../src/autodiff/trace.ts";
import { emitModel } from "../../../src/onnx/emit/emit.ts";
import { createSession, loadOnnxRuntime } from "../../../src/onnx/session/runtime.ts";

describe("loadOnnxRuntime", () => {
  test("says how to install it where the native library is missing", async () => {
    const loaded = loadOnnxRuntime(() => Promise.reject(new Error("cannot open shared object")));
    await expect(loaded).rejects.toMatchObject({ name: "FlowError", code: "DEPENDENCY_MISSING" });
    await expect(loaded).rejects.toThrow(
      /cannot open shared object.*ONNXRUNTIME_NODE_INSTALL=skip npm install/,
    );
  });
});

describe("createSession", () => {
  const graph = createGraph();
  const x = graph.node({ kind: "input", name: "x" }, [], [2]);
  const { bytes } = emitModel(new Map([["y", graphOps(graph).mul(x, 2)]]));

  test("names what a provider needs and how to do without it", async () => {
    const opened = createSession(await loadOnnxRuntime(), bytes, {
      threads: 1,
      providers: ["cuda"],
      cpuSetting: "train.device: cpu",
    });
    await expect(opened).rejects.toMatchObject({ name: "FlowError", code: "DEPENDENCY_MISSING" });
    await expect(opened).rejects.toThrow(
      /^cannot compute on cuda: .*cuda12; or use train\.device: cpu/,
    );
  });

  test("leaves a broken model's error as it is on the CPU", async () => {
    const opened = createSession(await loadOnnxRuntime(), bytes.slice(0, 20), { threads: 1 });
    await expect(opened).rejects.not.toMatchObject({ name: "FlowError" });
  });
});
