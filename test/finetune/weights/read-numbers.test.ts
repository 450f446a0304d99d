import { mkdtemp, open, rm, writeFile, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { plainFormats } from "../../../src/finetune/weights/number-format.ts";
import { readNumbers } from "../../../src/finetune/weights/read-numbers.ts";

let folder: string;
let handle: FileHandle;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "r4ec-numbers-"));
  const file = path.join(folder, "numbers");
  await writeFile(file, new Uint8Array(Float32Array.of(9, 1, 2).buffer));
  handle = await open(file);
});
afterAll(async () => {
  await handle.close();
  await rm(folder, { recursive: true, force: true });
});

const read = (position: number, count: number): Promise<Float32Array> =>
  readNumbers({ handle, whose: "f: tensor", format: plainFormats.F32, position, count });

describe("readNumbers", () => {
  test("begins at a position", async () => {
    expect([...(await read(4, 2))]).toEqual([1, 2]);
    expect([...(await read(12, 0))]).toEqual([]);
  });

  test("says where a file ends that became shorter since its header was read", async () => {
    await expect(read(8, 2)).rejects.toThrow(
      expect.objectContaining({
        code: "INPUT_INVALID",
        message: "f: tensor: the file ends at byte 12",
      }),
    );
  });

  test("says which tensor is too large for the memory", async () => {
    await expect(read(0, 2 ** 50)).rejects.toThrow(
      expect.objectContaining({
        code: "OUT_OF_MEMORY",
        message: expect.stringMatching(
          /^f: tensor: no memory for 1125899906842624 numbers \(.+\): take a smaller model$/,
        ) as string,
      }),
    );
  });
});
