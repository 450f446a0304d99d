import { describe, expect, test } from "vitest";
import { defaultMemoryMb, runtimeOf } from "../../src/pipeline/settings.ts";

const mib = 1024 * 1024;

describe("defaultMemoryMb", () => {
  test.each([
    [16_000, 8_000],
    [1_500, 750],
    [1_000, 512],
    [600, 450],
    [100, 256],
  ])("of %d MiB free is %d", (freeMb, memoryMb) => {
    expect(defaultMemoryMb(freeMb * mib)).toBe(memoryMb);
  });

  test("is not asked for where the pipeline file says how much", () => {
    expect(runtimeOf({ runtime: { threads: 3, memoryLimit: "2GB" } })).toEqual({
      threads: 3,
      memoryMb: 2048,
    });
  });
});
