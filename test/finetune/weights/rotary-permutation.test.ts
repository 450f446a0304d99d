import { describe, expect, test } from "vitest";
import {
  interleavedHeads,
  interleaveHalves,
} from "../../../src/finetune/weights/rotary-permutation.ts";

describe("interleaveHalves", () => {
  test("puts the rows that rotate together beside each other, head by head", () => {
    // two heads of four rows with two columns; row r is [r, -r]
    const rows = Float32Array.from({ length: 16 }, (_, at) => (at % 2 === 0 ? at : 1 - at) / 2);
    const first = Array.from(interleaveHalves(rows, 8, 2)).filter((_, at) => at % 2 === 0);
    expect(first).toEqual([0, 2, 1, 3, 4, 6, 5, 7]);
  });

  test("refuses heads of no even width", () => {
    expect(() => interleaveHalves(new Float32Array(6), 6, 2)).toThrow(RangeError);
  });
});

describe("interleavedHeads", () => {
  const sizes = { heads: 9, keyHeads: 3 };
  test("are those of queries and keys of llama models", () => {
    expect(interleavedHeads("self_attn.q_proj", { architecture: "llama", ...sizes })).toBe(9);
    expect(interleavedHeads("self_attn.k_proj", { architecture: "llama", ...sizes })).toBe(3);
    expect(interleavedHeads("self_attn.v_proj", { architecture: "llama", ...sizes })).toBe(
      undefined,
    );
  });

  test.each(["qwen2", "qwen3"] as const)("are none in %s models", (architecture) => {
    expect(interleavedHeads("self_attn.q_proj", { architecture, ...sizes })).toBe(undefined);
  });
});
