import { describe, expect, test } from "vitest";
import { dealVectors } from "../../../src/train/data/deal-vectors.ts";
import { createRandom } from "../../../src/base/random.ts";
import type { VectorTable } from "../../../src/train/data/vectors.ts";

/** `size` subjects, every third without a vector; all vectors differ. */
function someVectors(size: number, width = 4): VectorTable {
  const { normal } = createRandom(size);
  const isPresent = Uint8Array.from({ length: size + 1 }, (_, subject) =>
    subject % 3 > 0 ? 1 : 0,
  );
  const values = Float32Array.from({ length: (size + 1) * width }, (_, at) =>
    isPresent[Math.floor(at / width)] === 1 ? normal() : 0,
  );
  return { width, values, isPresent };
}

const vectorOf = ({ values, width }: VectorTable, subject: number): string =>
  values.subarray(subject * width, (subject + 1) * width).join();

function vectorsOf(table: VectorTable): readonly string[] {
  return [...table.isPresent.keys()].map((subject) => vectorOf(table, subject));
}

function meanNorm({ values, width, isPresent }: VectorTable): number {
  const norms = [...isPresent.keys()]
    .filter((subject) => isPresent[subject] === 1)
    .map((subject) => Math.hypot(...values.subarray(subject * width, (subject + 1) * width)));
  return norms.reduce((sum, norm) => sum + norm, 0) / norms.length;
}

const users = { seed: 1, subject: "user" } as const;

describe("dealVectors: own", () => {
  test("is the table itself", () => {
    const table = someVectors(5);
    expect(dealVectors(table, "own", users)).toBe(table);
  });
});

describe("dealVectors: permuted", () => {
  test.each([2, 4, 7, 50, 301])("of %i subjects: the same vectors, none with its own", (size) => {
    const table = someVectors(size);
    for (const seed of [0, 1, 2, 3, 4]) {
      const dealt = dealVectors(table, "permuted", { ...users, seed });
      expect(vectorsOf(dealt).toSorted()).toEqual(vectorsOf(table).toSorted());
      expect(dealt.isPresent).toEqual(table.isPresent);
      for (const [subject, present] of table.isPresent.entries()) {
        if (present === 1) expect(vectorOf(dealt, subject)).not.toBe(vectorOf(table, subject));
        else expect(vectorOf(dealt, subject)).toBe("0,0,0,0");
      }
    }
  });

  test("the only one there is keeps its own", () => {
    const table = someVectors(1);
    expect(dealVectors(table, "permuted", users)).toEqual(table);
  });

  test("follows from seed and side, and leaves the table as it is", () => {
    const table = someVectors(60);
    const before = table.values.slice();
    const once = dealVectors(table, "permuted", users);
    expect(dealVectors(table, "permuted", users)).toEqual(once);
    expect(dealVectors(table, "permuted", { ...users, seed: 2 })).not.toEqual(once);
    expect(dealVectors(table, "permuted", { ...users, subject: "item" })).not.toEqual(once);
    expect(table.values).toEqual(before);
  });
});

describe("dealVectors: random", () => {
  test("noise of the same mean norm for the same subjects, seeded", () => {
    const table = someVectors(200, 8);
    const noise = dealVectors(table, "random", users);
    expect(noise.isPresent).toEqual(table.isPresent);
    expect(meanNorm(noise)).toBeCloseTo(meanNorm(table), 5);
    expect(vectorOf(noise, 3)).toBe("0,0,0,0,0,0,0,0");
    expect(vectorsOf(noise).filter((vector) => vectorsOf(table).includes(vector))).toHaveLength(
      [...table.isPresent].filter((present) => present === 0).length,
    );
    expect(dealVectors(table, "random", users)).toEqual(noise);
    expect(dealVectors(table, "random", { ...users, seed: 2 })).not.toEqual(noise);
  });

  test("vectors of zeros stay zeros", () => {
    const zeros = { width: 2, values: new Float32Array(6), isPresent: Uint8Array.of(0, 1, 1) };
    expect(dealVectors(zeros, "random", users).values.every((value) => value === 0)).toBe(true);
  });

  test("nobody's vectors stay nobody's", () => {
    const none = { ...someVectors(5), values: new Float32Array(24), isPresent: new Uint8Array(6) };
    expect(dealVectors(none, "random", users)).toEqual(none);
    expect(dealVectors(none, "permuted", users)).toEqual(none);
  });
});
