import { describe, expect, test } from "vitest";
import {
  interleavedHeads,
  interleaveHalves,
  separateHalves,
} from "../../../src/finetune/weights/rotary-order.ts";

describe("interleaveHalves", () => {
  test("puts number i and number i + width/2 of every head side by side, and separateHalves undoes it", () => {
    // Two heads of width 6, two columns; the numbers are row · 10 + column.
    const rows = Array.from({ length: 12 }, (_, row) => row);
    const values = Float32Array.from(rows.flatMap((row) => [row * 10, row * 10 + 1]));
    const moved = interleaveHalves(values, 12, 2);
    const order = [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11];
    expect([...moved]).toEqual(order.flatMap((row) => [row * 10, row * 10 + 1]));
    expect(separateHalves(moved, 12, 2)).toEqual(values);
  });

  test("refuses rows that are not heads of an even width", () => {
    expect(() => interleaveHalves(new Float32Array(6), 6, 2)).toThrow(RangeError);
    expect(() => separateHalves(new Float32Array(7), 4, 2)).toThrow(RangeError);
  });
});

test("only queries and keys of llama are interleaved", () => {
  const config = { heads: 9, keyHeads: 3 };
  const llama = { ...config, architecture: "llama" } as const;
  expect(interleavedHeads("self_attn.q_proj", llama)).toBe(9);
  expect(interleavedHeads("self_attn.k_proj", llama)).toBe(3);
  expect(interleavedHeads("self_attn.v_proj", llama)).toBeUndefined();
  expect(
    interleavedHeads("self_attn.q_proj", { ...config, architecture: "qwen2" }),
  ).toBeUndefined();
});
