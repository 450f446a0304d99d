import { describe, expect, test } from "vitest";
import {
  copyFloats,
  halfAt,
  widenBrainFloats,
  widenHalves,
} from "../../../src/finetune/weights/half-floats.ts";

const shorts = (...numbers: number[]): Uint8Array =>
  new Uint8Array(Uint16Array.from(numbers).buffer);

describe("widenHalves", () => {
  test("widens ordinary, subnormal, zero and infinite numbers", () => {
    const out = new Float32Array(9);
    widenHalves(shorts(0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x8000, 0x7c00, 0xfc00), out, 1);
    expect([...out]).toEqual([
      ...[0, 1, -2, 65504, 2 ** -24, 1023 * 2 ** -24, -0],
      ...[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    ]);
    widenHalves(shorts(0x7c01), out, 0);
    expect(out[0]).toBeNaN();
  });
});

test("halfAt reads at odd places", () => {
  expect(halfAt(Uint8Array.of(9, 0x00, 0x3e), 1)).toBe(1.5);
});

test("widenBrainFloats keeps the 16 bits", () => {
  const out = new Float32Array(4);
  widenBrainFloats(shorts(0x3f80, 0xc040, 0x0001), out, 1);
  expect([...out]).toEqual([0, 1, -3, 2 ** -133]);
});

test("copyFloats copies bytes", () => {
  const out = new Float32Array(3);
  copyFloats(new Uint8Array(Float32Array.of(1.5, -2).buffer), out, 1);
  expect([...out]).toEqual([0, 1.5, -2]);
});
