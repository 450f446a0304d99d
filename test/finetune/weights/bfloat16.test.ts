import { describe, expect, test } from "vitest";
import { toBfloat16 } from "../../../src/finetune/weights/bfloat16.ts";

describe("toBfloat16", () => {
  test("rounds to the nearest, ties to even", () => {
    const step = 2 ** -7;
    const values = Float32Array.of(1, 1 + step / 2, 1 + 1.5 * step, 1 + 0.51 * step, -1);
    expect(Array.from(toBfloat16(values))).toEqual([0x3f80, 0x3f80, 0x3f82, 0x3f81, 0xbf80]);
  });

  test("keeps what is no number or infinite", () => {
    const values = Float32Array.of(Number.NaN, Infinity, -Infinity);
    const [nan, ...infinite] = toBfloat16(values);
    expect((nan ?? 0) & 0x7fff).toBeGreaterThan(0x7f80);
    expect(infinite).toEqual([0x7f80, 0xff80]);
  });

  test("takes views into larger arrays", () => {
    expect(Array.from(toBfloat16(Float32Array.of(9, 1).subarray(1)))).toEqual([0x3f80]);
  });
});
