import { describe, expect, test } from "vitest";
import { batchSquaresWithin } from "../../../src/encode/model/batch-memory.ts";

/** BGE-M3's. */
const large = { name: "bge-m3", padTo: 1, shape: { heads: 16, hidden: 1024, wide: 4096 } };
const within = (longest: number, freeBytes: number, sizes: typeof large = large): number =>
  batchSquaresWithin(sizes, { longest, batchTokens: 1024, freeBytes });

describe("batchSquaresWithin", () => {
  test("gives attention what the rest of a batch leaves", () => {
    // the rest: 4 x 1024 x (8 x 1024 + 3 x 4096) = 83,886,080 bytes; a square takes 4 x 2 x 16 = 128
    expect(within(500, 83_886_080 + 128 * 1_000_000)).toBe(1_000_000);
    expect(within(1, 80_000_000)).toBe(0);
  });

  test("refuses a text that would not fit, before it is tried, with a length that would", () => {
    // 128 x 8192² + 4 x 8192 x 20480 = 8,589,934,592 + 671,088,640
    expect(within(8192, 9_261_023_232)).toBeGreaterThan(8192 ** 2 - 1);
    expect(() => within(8192, 9_261_023_231)).toThrow(
      expect.objectContaining({ code: "INPUT_INVALID" }),
    );
    expect(() => within(8192, 4e9)).toThrow(
      "encoder bge-m3: a text of 8192 tokens at once needs about 9.3 GB of memory, 4.0 GB are free; set encode.maxTokens to 4096",
    );
  });

  test("counts a Longformer's windows, not all tokens", () => {
    // 128 x 4096 x 1536 + 4 x 4096 x 20480 = 1,140,850,688
    expect(() => within(4096, 1_140_850_687, { ...large, padTo: 512 })).toThrow("1.1 GB");
    expect(within(4096, 1_140_850_688, { ...large, padTo: 512 })).toBeGreaterThan(0);
  });

  test("lets any batch be where the sizes are not known", () => {
    const unknown = { name: "bundled", padTo: 1, shape: null };
    const any = batchSquaresWithin(unknown, { longest: 9999, batchTokens: 9999, freeBytes: 1 });
    expect(any).toBe(Number.POSITIVE_INFINITY);
  });
});
