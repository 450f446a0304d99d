import { describe, expect, test } from "vitest";
import { encodeGguf } from "../../../src/finetune/weights/encode-gguf.ts";

describe("encodeGguf", () => {
  test("writes magic, version, counts, fields, directory and aligned numbers", () => {
    const bytes = Buffer.from(
      encodeGguf(
        [
          ["a", { type: "string", value: "é" }],
          ["b", { type: "float32", value: 0.5 }],
        ],
        [
          { name: "m", shape: [2, 1], values: Float32Array.of(1, 2) },
          { name: "v", shape: [1], values: Float32Array.of(3) },
        ],
      ),
    );
    const u64 = (value: number): string => value.toString(16).padStart(2, "0") + "00".repeat(7);
    const u32 = (value: number): string => value.toString(16).padStart(2, "0") + "00".repeat(3);
    const text = (value: string): string =>
      u64(Buffer.byteLength(value)) + Buffer.from(value).toString("hex");
    const head =
      Buffer.from("GGUF").toString("hex") +
      (u32(3) + u64(2) + u64(3)) +
      (text("a") + u32(8) + text("é")) +
      (text("b") + u32(6) + "0000003f") +
      (text("general.alignment") + u32(4) + u32(32)) +
      // sizes with the fastest first: one column, two rows
      (text("m") + u32(2) + u64(1) + u64(2) + u32(0) + u64(0)) +
      (text("v") + u32(1) + u64(1) + u32(0) + u64(32));
    const dataStart = Math.ceil(head.length / 64) * 32;
    expect(bytes.toString("hex", 0, head.length / 2)).toBe(head);
    expect(bytes.toString("hex", dataStart)).toBe(
      ("0000803f" + "00000040").padEnd(64, "0") + "00004040".padEnd(64, "0"),
    );
  });
});
