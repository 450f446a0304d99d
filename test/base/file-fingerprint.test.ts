import { utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fingerprintFile, fingerprintFiles } from "../../src/base/files/file-fingerprint.ts";
import { sha256 } from "../../src/base/sha256.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

async function makeFile(content: string): Promise<string> {
  const path = join(await scratchFolder(), "a.txt");
  await writeFile(path, content);
  await utimes(path, 1, 1);
  return path;
}

test("a small file is known by its content, a large one by size and modification time", async () => {
  const path = await makeFile("abc");
  expect(await fingerprintFile(path)).toBe(`a.txt:${sha256("abc")}`);
  expect(await fingerprintFile(path, 3)).toBe(`a.txt:${sha256("abc")}`);
  expect(await fingerprintFile(path, 2)).toBe("a.txt:3:1000");
});

test("fingerprints of several files stand in their order", async () => {
  const paths = [await makeFile("x"), await makeFile("y")];
  expect(await fingerprintFiles(paths)).toBe(`a.txt:${sha256("x")} a.txt:${sha256("y")}`);
});
