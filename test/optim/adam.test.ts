import { describe, expect, test } from "vitest";

import type { AdamOptions } from "../../src/optim/adam-options.ts";
import { createAdam, plainAdamKernel } from "../../src/optim/adam.ts";
import { wasmAdamKernel } from "../../src/optim/adam-wasm.ts";
import { alignment, createArena, slotValues, type Arena } from "../../src/optim/arena.ts";
import { createRandom } from "../../src/base/random.ts";

/** Updates one parameter with these gradients in turn, by the plain kernel. */
function train(start: number, gradients: readonly number[], options: AdamOptions): number {
  const arena = createArena([1]);
  arena.parameters.values.set([start]);
  const { update } = createAdam(arena, options, plainAdamKernel(arena));
  for (const gradient of gradients) {
    arena.gradients.values.set([gradient]);
    update(0.1);
  }
  return arena.parameters.values.at(0) ?? Number.NaN;
}

describe("createAdam", () => {
  test("moves by the learning rate in the first step, for gradients of any size", () => {
    expect(train(1, [0.001], {})).toBeCloseTo(0.9, 4);
    expect(train(1, [-1000], {})).toBeCloseTo(1.1, 6);
  });

  test("follows the paper's formula over two steps", () => {
    // Step 1: m = 0.2, v = 0.004; corrected 2 and 4; p = 1 - 0.1 * 2 / 2.
    // Step 2: m = 0.9 * 0.2 + 0.1 * 1 = 0.28, v = 0.999 * 0.004 + 0.001 * 1 = 0.004996;
    //         corrected 0.28 / 0.19 and 0.004996 / 0.001999.
    const expected = 0.9 - (0.1 * (0.28 / 0.19)) / Math.sqrt(0.004996 / 0.001999);
    expect(train(1, [2, 1], {})).toBeCloseTo(expected, 6);
  });

  test("adds epsilon after the bias correction, or before it on request", () => {
    // Gradient = epsilon = 1: corrected m and √v are 1, so p falls by 0.1 / (1 + 1);
    // uncorrected √v is √0.001, so p falls by 0.1 √0.001 / (√0.001 + 1).
    const root = Math.sqrt(0.001);
    expect(train(0, [1], { epsilon: 1 })).toBeCloseTo(-0.05, 6);
    expect(train(0, [1], { epsilon: 1, epsilonPlacement: "beforeBiasCorrection" })).toBeCloseTo(
      (-0.1 * root) / (root + 1),
      6,
    );
  });

  test("decays weights by learning rate times weight decay, independently of the gradient", () => {
    expect(train(1, [0], { weightDecay: 0.5 })).toBeCloseTo(1 - 0.1 * 0.5, 6);
  });
});

describe("wasmAdamKernel", () => {
  test.each([{}, { weightDecay: 0.01, epsilonPlacement: "beforeBiasCorrection" as const }])(
    "equals the plain kernel bit for bit over five steps, with %o",
    (options) => {
      const lengths = [1, 37, 256];
      const arenas = [createArena(lengths), createArena(lengths)] as const;
      const [plain, wasm] = arenas;
      const kernel = wasmAdamKernel(wasm);
      if (kernel === undefined) throw new Error("this machine has no WebAssembly SIMD");
      const adams = [
        createAdam(plain, options, plainAdamKernel(plain)),
        createAdam(wasm, options, kernel),
      ];
      const random = createRandom(1);
      fillSlots(arenas, (arena) => arena.parameters, random.normal);
      for (let step = 0; step < 5; step++) {
        // Gradients of 1e-12 to 1e4, and zeros.
        fillSlots(
          arenas,
          (arena) => arena.gradients,
          () => (random.uniform() < 0.1 ? 0 : random.normal() * 10 ** (16 * random.uniform() - 12)),
        );
        for (const { update } of adams) update(0.01);
      }
      for (const region of ["parameters", "firstMoments", "secondMoments"] as const) {
        expect(bits(wasm[region].values), region).toEqual(bits(plain[region].values));
      }
    },
  );

  test("leaves the gaps between slots at zero", () => {
    const arena = createArena([1, 1]);
    arena.slots.forEach((slot) => slotValues(arena.gradients, slot).fill(1));
    createAdam(arena).update(0.1);
    expect(arena.parameters.values.filter((value) => value !== 0)).toHaveLength(2);
  });
});

describe("createArena", () => {
  test("aligns every slot to a cache line and keeps its length", () => {
    const { slots, gradients } = createArena([3, 16, 17]);
    expect(slots.map(({ offset }) => offset)).toEqual([0, alignment, 2 * alignment]);
    expect(slots.map((slot) => slotValues(gradients, slot).length)).toEqual([3, 16, 17]);
  });

  test("names the requested size if memory runs out", () => {
    expect(() => createArena([2 ** 30])).toThrow(
      expect.objectContaining({
        code: "STAGE_FAILED",
        message: expect.stringContaining("Cannot allocate 16384 MiB") as string,
      }),
    );
  });
});

/** Fills the slots of all arenas with the same random values. */
function fillSlots(
  arenas: readonly Arena[],
  region: (arena: Arena) => Arena["parameters"],
  draw: () => number,
): void {
  const [first] = arenas;
  for (const slot of first?.slots ?? []) {
    const values = Float32Array.from({ length: slot.length }, draw);
    for (const arena of arenas) slotValues(region(arena), slot).set(values);
  }
}

function bits(values: Float32Array): Uint32Array {
  return new Uint32Array(values.slice().buffer);
}
