import { describe, expect, test } from "vitest";
import { decodeSafetensors, encodeSafetensors } from "../../src/optim/safetensors.ts";

const two = {
  tensors: [
    { name: "a.weight", shape: [1, 2], values: Float32Array.of(1, -2) },
    { name: "b", shape: [], values: Float32Array.of(0.5) },
  ],
  metadata: { format: "pt", epoch: "3" },
};

/** A file with this header and data. */
function fileOf(header: string, data: readonly number[]): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, Buffer.from(header), Buffer.from(Float32Array.from(data).buffer)]);
}

describe("encodeSafetensors", () => {
  test("writes length, header padded to a multiple of 8, and numbers in order", () => {
    const bytes = Buffer.from(encodeSafetensors(two));
    const header =
      '{"__metadata__":{"format":"pt","epoch":"3"},' +
      '"a.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},' +
      '"b":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}';
    const padded = Math.ceil(header.length / 8) * 8;
    expect(bytes.readBigUInt64LE()).toBe(BigInt(padded));
    expect(bytes.toString("utf8", 8, 8 + padded)).toBe(header.padEnd(padded));
    expect(bytes.subarray(8 + padded).toString("hex")).toBe("0000803f" + "000000c0" + "0000003f");
  });

  test("takes views into larger arrays", () => {
    const values = Float32Array.of(9, 1, -2, 9).subarray(1, 3);
    const [a, b] = two.tensors;
    if (a === undefined || b === undefined) throw new Error("two tensors");
    const tensors = [{ ...a, values }, b];
    expect(encodeSafetensors({ ...two, tensors })).toEqual(encodeSafetensors(two));
  });
});

describe("decodeSafetensors", () => {
  test("restores names, shapes, numbers and metadata", () => {
    expect(decodeSafetensors(encodeSafetensors(two), "x")).toEqual(two);
    expect(decodeSafetensors(encodeSafetensors({ tensors: [], metadata: {} }), "x")).toEqual({
      tensors: [],
      metadata: {},
    });
  });

  test("reads other writers' files: without metadata, entries in any order, at any memory offset", () => {
    const header =
      '{"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]},"a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}}';
    const file = Buffer.concat([Buffer.from("x"), fileOf(header, [1, 2, 3])]).subarray(1);
    expect(decodeSafetensors(file, "x")).toEqual({
      tensors: [
        { name: "a", shape: [1, 1], values: Float32Array.of(1) },
        { name: "b", shape: [2], values: Float32Array.of(2, 3) },
      ],
      metadata: {},
    });
  });

  test("refuses every truncation of a file", () => {
    const whole = encodeSafetensors(two);
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeSafetensors(whole.subarray(0, length), "m.safetensors")).toThrow(
        /^m\.safetensors: not a complete safetensors file: /,
      );
    }
  });

  test.each([
    ["the header cannot be read", fileOf("[]", [])],
    ["the header cannot be read", fileOf('{"a"', [])],
    ["the header ends after the file (8 bytes)", Buffer.alloc(8, 0xff)],
    [
      '"a" is not a float32 tensor',
      fileOf('{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}', [1, 2]),
    ],
    [
      '"a" is at bytes 0 to 8 of 8',
      fileOf('{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}', [1, 2]),
    ],
    [
      '"a" is at bytes 4 to 8 of 8',
      fileOf('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', [1, 2]),
    ],
    [
      "the file continues after the last tensor",
      fileOf('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', [1, 2]),
    ],
  ])("says what is wrong: %s", (why, file) => {
    expect(() => decodeSafetensors(file, "x")).toThrow(
      `x: not a complete safetensors file: ${why}`,
    );
  });
});
