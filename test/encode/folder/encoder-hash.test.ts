import { cp, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encoderHash } from "../../../src/encode/folder/encoder-hash.ts";

let root: string;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "r4ec-hash-"));
  await writeFile(path.join(root, "a"), "weights");
  await writeFile(path.join(root, "b"), "vocabulary");
});

afterAll(() => rm(root, { recursive: true, force: true }));

describe("encoderHash", () => {
  test("knows a copy as the same encoder, in whatever order the files are named", async () => {
    const copy = path.join(root, "copy");
    await cp(path.join(root, "a"), path.join(copy, "a"));
    await cp(path.join(root, "b"), path.join(copy, "b"));
    const hash = await encoderHash(root, ["a", "b"], { maxTokens: 8 });
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(await encoderHash(copy, ["b", "a"], { maxTokens: 8 })).toBe(hash);
  });

  test("tells other settings, other content and other names apart", async () => {
    await writeFile(path.join(root, "c"), "weights");
    const hashes = await Promise.all([
      encoderHash(root, ["a"], { maxTokens: 8 }),
      encoderHash(root, ["a"], { maxTokens: 9 }),
      encoderHash(root, ["b"], { maxTokens: 8 }),
      encoderHash(root, ["c"], { maxTokens: 8 }),
    ]);
    expect(new Set(hashes).size).toBe(4);
  });

  test("reads samples of a large file, among them its first and last bytes", async () => {
    const file = path.join(root, "large");
    const bytes = 65 * 1024 * 1024;
    const write = async (text: string, position: number): Promise<string> => {
      const handle = await open(file, "r+");
      await handle.write(text, position);
      await handle.close();
      return encoderHash(root, ["large"], null);
    };
    await writeFile(file, "");
    const hashes = [await write("x", bytes - 1), await write("y", 0), await write("z", bytes - 1)];
    hashes.push(await write("z", bytes)); // longer by one
    expect(new Set(hashes).size).toBe(4);
    expect(await encoderHash(root, ["large"], null)).toBe(hashes[3]);
  });
});
