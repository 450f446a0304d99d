import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";

import type { AdamOptions } from "../../../src/optim/adam-options.ts";
import { createAdam, plainAdamKernel } from "../../../src/optim/adam.ts";
import { createArena, slotValues } from "../../../src/optim/arena.ts";
import { createRandom } from "../../../src/base/random.ts";
import { loadTfjs } from "../../../src/train/tfjs/load-tfjs.ts";
import { createTfjsAdam } from "../../../src/train/tfjs/tfjs-adam.ts";

beforeAll(() => loadTfjs("cpu"));

/** The parameter after a step with each of the gradients, at learning rate 0.1. */
async function train(
  start: number,
  gradients: readonly number[],
  options?: AdamOptions,
): Promise<number> {
  const parameter = tf.variable(tf.tensor1d([start]));
  const adam = createTfjsAdam(tf, parameter, options);
  for (const gradient of gradients) adam.update(tf.tensor1d([gradient]), 0.1);
  return (await parameter.data())[0] ?? Number.NaN;
}

describe("createTfjsAdam", () => {
  test("moves by the learning rate in the first step, whatever the size of the gradient", async () => {
    expect(await train(1, [0.001])).toBeCloseTo(0.9, 4);
    expect(await train(1, [-1000])).toBeCloseTo(1.1, 6);
  });

  test("adds epsilon after the bias correction, or before it if asked", async () => {
    // Gradient = epsilon = 1: corrected m and √v are 1, so p falls by 0.1 / (1 + 1);
    // uncorrected √v is √0.001, so p falls by 0.1 √0.001 / (√0.001 + 1).
    const root = Math.sqrt(0.001);
    expect(await train(0, [1], { epsilon: 1 })).toBeCloseTo(-0.05, 6);
    expect(
      await train(0, [1], { epsilon: 1, epsilonPlacement: "beforeBiasCorrection" }),
    ).toBeCloseTo((-0.1 * root) / (root + 1), 6);
  });

  test("decays weights by learning rate times weight decay, apart from the gradient", async () => {
    expect(await train(1, [0], { weightDecay: 0.5 })).toBeCloseTo(1 - 0.1 * 0.5, 6);
  });

  test.each([{}, { weightDecay: 0.01, epsilonPlacement: "beforeBiasCorrection" as const }])(
    "equals the ONNX engine's kernel bit for bit over five steps on cpu, with %o",
    async (options) => {
      const length = 40;
      const arena = createArena([length]);
      const [slot] = arena.slots;
      if (slot === undefined) throw new Error("expected a slot");
      const adam = createAdam(arena, options, plainAdamKernel(arena));
      const random = createRandom(1);
      const start = Float32Array.from({ length }, random.normal);
      slotValues(arena.parameters, slot).set(start);
      const variable = tf.variable(tf.tensor1d(start.slice()));
      const other = createTfjsAdam(tf, variable, options);
      for (let step = 0; step < 5; step++) {
        // Gradients of 1e-12 to 1e4.
        const gradients = Float32Array.from(
          { length },
          () => random.normal() * 10 ** (16 * random.uniform() - 12),
        );
        slotValues(arena.gradients, slot).set(gradients);
        adam.update(0.01);
        other.update(tf.tensor1d(gradients.slice()), 0.01);
      }
      expect(await variable.data()).toEqual(slotValues(arena.parameters, slot).slice());
      expect(await other.state()).toEqual({
        steps: 5,
        firstMoments: slotValues(arena.firstMoments, slot).slice(),
        secondMoments: slotValues(arena.secondMoments, slot).slice(),
      });
    },
  );
});
