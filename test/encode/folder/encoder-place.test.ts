import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isEncoder, isTaken } from "../../../src/encode/folder/encoder-place.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";
import { writeTransformer } from "../transformers/write-encoder.ts";

const wanted = (place: string): Promise<boolean> => isTaken(place, isEncoder);

describe("isTaken", () => {
  test("takes nothing and an empty folder for free", async () => {
    const place = join(await scratchFolder(), "bge");
    expect(await wanted(place)).toBe(false);
    await mkdir(place);
    expect(await wanted(place)).toBe(false);
  });

  test("knows an encoder, in a folder or behind a link, put there by hand or not", async () => {
    const folder = await scratchFolder();
    await writeTransformer(join(folder, "own"), {
      ...{ architecture: "bert", outputs: ["last_hidden_state"], subFolder: "onnx" },
    });
    await symlink(join(folder, "own"), join(folder, "bge"));
    expect(await wanted(join(folder, "own"))).toBe(true);
    expect(await wanted(join(folder, "bge"))).toBe(true);
  });

  test.each<[string, (place: string) => Promise<void>, string]>([
    [
      "a folder of something else",
      async (place) => {
        await mkdir(place);
        for (const n of [1, 2, 3, 4, 5, 6, 7]) await writeFile(join(place, `thesis-${n}`), "mine");
      },
      "it holds thesis-1, thesis-2, thesis-3, thesis-4, thesis-5 and 2 more",
    ],
    [
      "a folder with the names of an encoder's files and another content",
      async (place) => {
        await mkdir(place);
        for (const name of ["config.json", "model.onnx", "tokenizer.json"])
          await writeFile(join(place, name), "{}");
      },
      "it holds config.json, model.onnx, tokenizer.json",
    ],
    ["a file", (place) => writeFile(place, "mine"), "it is a file or a link"],
    ["a link to nowhere", (place) => symlink(`${place}-x`, place), "it is a file or a link"],
  ])("refuses %s, names what is in the way, and leaves it", async (_what, put, fault) => {
    const folder = await scratchFolder();
    const place = join(folder, "bge");
    await put(place);
    const before = await readdir(folder, { recursive: true });
    await expect(wanted(place)).rejects.toMatchObject({
      code: "OUTPUT_FAILED",
      message: expect.stringContaining(`${place} is in the way: ${fault}, and is not`) as unknown,
    });
    expect(await readdir(folder, { recursive: true })).toEqual(before);
  });
});
