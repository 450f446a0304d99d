import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { blockFormats } from "../../../src/finetune/weights/ggml-blocks.ts";

const bytes = z.string().transform((text) => Uint8Array.from(Buffer.from(text, "base64")));
const expected = z
  .record(z.string(), z.object({ bytes, values: bytes }))
  .parse(
    JSON.parse(
      readFileSync(new URL("../../fixtures/finetune/ggml-blocks.json", import.meta.url), "utf8"),
    ),
  );

describe("blockFormats", () => {
  test.each(Object.entries(blockFormats))(
    "%s decodes as the reference implementation does, to the last bit",
    (name, { decode, blockSize, blockBytes }) => {
      const made = expected[name];
      if (made === undefined) throw new Error(`no blocks of ${name}`);
      const values = new Float32Array(made.values.buffer);
      expect(values.length / blockSize).toBe(made.bytes.length / blockBytes);
      const out = new Float32Array(values.length + 2).fill(7);
      decode(made.bytes, out, 1);
      expect(out.subarray(1, -1)).toEqual(values);
      expect([out[0], out.at(-1)]).toEqual([7, 7]);
    },
  );
});
