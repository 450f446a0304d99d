import { readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  openVectorCache,
  vectorKey,
  type StoredVector,
} from "../../../src/encode/cache/vector-cache.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";

function stored(text: string, change: Partial<StoredVector> = {}): StoredVector {
  return {
    key: vectorKey("e", text),
    vector: Float32Array.of(0.1, -0, 3e-39, text.length),
    ...{ tokens: 7, chunks: 2, truncated: 1, cost: null },
    ...change,
  };
}

describe("vectorKey", () => {
  test("tells texts and encoders apart", () => {
    const keys = [vectorKey("e", "a"), vectorKey("e", "b"), vectorKey("f", "a")];
    expect(new Set(keys).size).toBe(3);
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("openVectorCache", () => {
  test("gives back what was put, to the bit, in this session and the next", async () => {
    const dir = await scratchFolder();
    const cost = { promptTokens: 3, costUsd: null, latencyMs: 1.5, attempts: 2 };
    const first = await openVectorCache(dir);
    const written = first.put(stored("a", { cost }));
    expect(first.find(vectorKey("e", "a"))).toEqual(stored("a", { cost })); // not yet on disk
    await Promise.all([written, first.put(stored("bb"))]);
    expect(first.find(vectorKey("e", "a"))).toEqual(stored("a", { cost }));
    await first.close();
    const next = await openVectorCache(dir);
    expect(next.find(vectorKey("e", "a"))).toEqual(stored("a", { cost }));
    expect(next.find(vectorKey("e", "bb"))).toEqual(stored("bb"));
    expect(next.find(vectorKey("f", "a"))).toBeNull();
    await next.close();
  });

  test("passes over the line that a killed session tore", async () => {
    const dir = await scratchFolder();
    const killed = await openVectorCache(dir);
    await killed.put(stored("a"));
    await killed.put(stored("b"));
    await killed.close();
    const [name = ""] = await readdir(dir);
    await truncate(join(dir, name), (await readFile(join(dir, name))).length - 5);
    const next = await openVectorCache(dir);
    expect(next.find(vectorKey("e", "a"))).toEqual(stored("a"));
    expect(next.find(vectorKey("e", "b"))).toBeNull();
    await next.close();
  });

  test("names the file and line of what is no vector, and the cure", async () => {
    const dir = await scratchFolder();
    const file = join(dir, "run-0123456789abcdef.vectors");
    await writeFile(file, "no vector\nno vector\n");
    await expect(openVectorCache(dir)).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: `${file}: line 1 is not a vector as it was written. Remove that line, or the file: the texts whose vectors it holds are then encoded again.`,
    });
  });
});
