import { describe, expect, test } from "vitest";
import { createGraph } from "../../../src/autodiff/graph.ts";
import { graphOps } from "../../../src/autodiff/trace.ts";
import { emitModel } from "../../../src/onnx/emit/emit.ts";
import { createSession, loadOnnxRuntime } from "../../../src/onnx/session/runtime.ts";

describe("loadOnnxRuntime", () => {
  test("says how to install a missing native library", async () => {
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

  test("names a provider's requirements and the setting for the CPU", async () => {
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

  test("passes the error of a broken model through", async () => {
    const opened = createSession(await loadOnnxRuntime(), bytes.slice(0, 20), { threads: 1 });
    await expect(opened).rejects.not.toMatchObject({ name: "FlowError" });
  });
});
