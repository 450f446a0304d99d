import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolderIn, replaceFileIn } from "../../src/base/files/folder-in.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

describe("makeFolderIn", () => {
  test("makes folders below the root, and takes those that are there", async () => {
    const root = await scratchFolder();
    await makeFolderIn(root, join(root, "a/b/c"));
    await makeFolderIn(root, join(root, "a/b"));
    await makeFolderIn(root, root);
    expect((await readdir(root, { recursive: true })).sort()).toEqual(["a", "a/b", "a/b/c"]);
  });

  test("makes what lies elsewhere as mkdir does", async () => {
    const [root, other] = [await scratchFolder(), await scratchFolder()];
    await rm(root, { recursive: true });
    await makeFolderIn(root, join(other, "a/b"));
    expect(await readdir(other, { recursive: true })).toEqual(["a", "a/b"]);
  });

  test.each(["", "a", "a/b/c", "..a"])("begins no root anew that is gone (%j)", async (below) => {
    const parent = await scratchFolder();
    const root = join(parent, "run");
    await expect(makeFolderIn(root, join(root, below))).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: `${root} is no longer there: it was moved, renamed or deleted while it was written to. Nothing was begun anew in its place. Move it back, or name its new place with --out, and run the same command again: finished work is kept.`,
    });
    await expect(replaceFileIn(root, join(root, below, "file"), "")).rejects.toThrow("no longer");
    expect(await readdir(parent)).toEqual([]);
  });

  test("passes on what else goes wrong", async () => {
    const root = await scratchFolder();
    await writeFile(join(root, "file"), "");
    await expect(makeFolderIn(root, join(root, "file/below/it"))).rejects.toThrow("ENOTDIR");
  });
});

describe("replaceFileIn", () => {
  test("replaces the file and makes its folder", async () => {
    const root = await scratchFolder();
    await replaceFileIn(root, join(root, "a/file"), "old");
    await replaceFileIn(root, join(root, "a/file"), "new");
    expect(await readFile(join(root, "a/file"), "utf8")).toBe("new");
    expect(await readdir(join(root, "a"))).toEqual(["file"]);
  });
});
