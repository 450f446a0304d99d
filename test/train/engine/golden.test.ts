/** @file Agreement with the reference's own numbers: probabilities, loss and gradient norms for given weights. */
import { describe, expect, test } from "vitest";

import { createOnnxModel } from "../../../src/train/engine/onnx-model.ts";
import { batchOf, goldenFiles, modelOf, readGolden } from "./golden-case.ts";

describe("goldens of the reference", () => {
  if (goldenFiles.length === 0) {
    test.skip("no golden files here: set R4EC_SHARED or R4EC_GOLDEN_DIR", () => undefined);
  }
  for (const file of goldenFiles) {
    const golden = readGolden(file);
    const definition = modelOf(golden);
    test(golden.case, async () => {
      const model = await createOnnxModel({ ...definition, seed: 1, threads: 1 });
      try {
        expect([...model.parameters.keys()].sort()).toEqual(Object.keys(golden.params).sort());
        for (const { name, shape, values } of model.parameters.values()) {
          expect(golden.params[name]?.shape, name).toEqual(shape);
          values.set(golden.params[name]?.data ?? []);
        }
        const batch = batchOf(golden);
        const loss = await model.backward(batch);
        expect(Math.abs(loss - golden.loss)).toBeLessThanOrEqual(1e-5);

        const probabilities = await model.predict(batch);
        golden.prob.data.forEach((expected, row) => {
          expect(Math.abs((probabilities[row] ?? NaN) - expected)).toBeLessThanOrEqual(1e-5);
        });
        for (const { name, gradient } of model.parameters.values()) {
          const expected = golden.grad_l2[name] ?? NaN;
          const tolerance = Math.max(1e-4 * expected, 1e-6);
          expect(Math.abs(Math.hypot(...gradient) - expected), name).toBeLessThanOrEqual(tolerance);
        }
      } finally {
        await model.close();
      }
    });
  }
});
