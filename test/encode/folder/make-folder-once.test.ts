import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolderOnce } from "../../../src/encode/folder/make-folder-once.ts";
import { leaveAbandoned } from "../../util/abandoned-folder.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";

const fill =
  (text: string) =>
  (folder: string): Promise<void> =>
    writeFile(join(folder, "model.onnx"), text);

describe("makeFolderOnce", () => {
  test("makes a folder once, and clears what a killed process left of it", async () => {
    const parent = await scratchFolder();
    await leaveAbandoned(parent, "r4ec-encoder-killed");
    const folder = join(parent, "int8-1");
    await makeFolderOnce(folder, ["model.onnx"], fill("first"));
    await makeFolderOnce(folder, ["model.onnx"], fill("second"));
    expect(await readFile(join(folder, "model.onnx"), "utf8")).toBe("first");
    expect(await readdir(parent)).toEqual(["int8-1"]);
  });

  test("keeps the folder of another process that was faster", async () => {
    const folder = join(await scratchFolder(), "int8-1");
    await makeFolderOnce(folder, ["model.onnx"], async (unfinished) => {
      await makeFolderOnce(folder, ["model.onnx"], fill("theirs"));
      await fill("mine")(unfinished);
    });
    expect(await readFile(join(folder, "model.onnx"), "utf8")).toBe("theirs");
  });

  test("leaves nothing when it fails", async () => {
    const parent = await scratchFolder();
    const failed = makeFolderOnce(join(parent, "int8-1"), ["model.onnx"], () =>
      Promise.reject(new Error("no space")),
    );
    await expect(failed).rejects.toThrow("no space");
    expect(await readdir(parent)).toEqual([]);
  });

  test("refuses a folder of that name without its files, and leaves it", async () => {
    const folder = join(await scratchFolder(), "int8-1");
    await mkdir(folder);
    await writeFile(join(folder, "notes.txt"), "mine");
    await expect(makeFolderOnce(folder, ["model.onnx"], fill("new"))).rejects.toThrow(
      `${folder} is in the way: it holds notes.txt`,
    );
    expect(await readdir(folder)).toEqual(["notes.txt"]);
  });
});
