import { describe, expect, test } from "vitest";
import { loadOnnxRuntime } from "../../../src/encode/model/onnx-runtime.ts";

describe("loadOnnxRuntime", () => {
  test("says how to reinstall when the native part is missing", async () => {
    const loaded = loadOnnxRuntime(() => Promise.reject(new Error("cannot open shared object")));
    await expect(loaded).rejects.toMatchObject({ name: "FlowError", code: "DEPENDENCY_MISSING" });
    await expect(loaded).rejects.toThrow(
      /ONNXRUNTIME_NODE_INSTALL=skip.*cannot open shared object/,
    );
  });
});
