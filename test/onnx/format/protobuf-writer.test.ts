import { describe, expect, test } from "vitest";
import { encodeMessage, messageWriter } from "../../../src/onnx/format/protobuf-writer.ts";

const bytesOf = (message: ReturnType<typeof messageWriter>) => [...encodeMessage(message)];

describe("messageWriter", () => {
  test("writes 150 as in the protobuf documentation", () => {
    expect(bytesOf(messageWriter().integer(1, 150))).toEqual([0x08, 0x96, 0x01]);
  });
  test("writes text with its length in bytes, not characters", () => {
    expect(bytesOf(messageWriter().text(2, "é"))).toEqual([0x12, 0x02, 0xc3, 0xa9]);
  });
  test("writes a negative integer as ten bytes of two's complement", () => {
    expect(bytesOf(messageWriter().integer(1, -2))).toEqual([
      0x08,
      0xfe,
      ...Array<number>(8).fill(0xff),
      0x01,
    ]);
  });
  test("writes integers above 32 bits", () => {
    expect(bytesOf(messageWriter().integer(1, 2 ** 35))).toEqual([
      8, 0x80, 0x80, 0x80, 0x80, 0x80, 1,
    ]);
  });
  test("writes a float as four little-endian bytes", () => {
    expect(bytesOf(messageWriter().float(2, 1))).toEqual([0x15, 0, 0, 0x80, 0x3f]);
  });
  test("nests a message behind its length", () => {
    const inner = messageWriter().integer(1, 150);
    expect(bytesOf(messageWriter().message(3, inner))).toEqual([0x1a, 0x03, 0x08, 0x96, 0x01]);
  });
  test.each([0.5, Number.NaN, 2 ** 60])("refuses %d as an integer", (value) => {
    expect(() => messageWriter().integer(1, value)).toThrow("safe integer");
  });
});
