import { mkdir, readFile, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newFile } from "../../src/inspect/new-file.ts";
import { leaveAbandoned } from "../util/abandoned-folder.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

describe("newFile", () => {
  test("has its name when it is whole, in a folder made for it", async () => {
    const folder = await scratchFolder();
    const path = join(folder, "deep", "x.csv");
    const file = await newFile(path);
    await writeFile(file.tempPath, "a\n");
    expect(await readdir(join(folder, "deep"))).not.toContain("x.csv");
    await file.commit();
    await file.discard();
    expect(await readdir(join(folder, "deep"))).toEqual(["x.csv"]);
    expect(await readFile(path, "utf8")).toBe("a\n");
  });

  test("refuses a name that is taken, at the start and at the end, and touches nothing", async () => {
    const folder = await scratchFolder();
    const path = join(folder, "x.csv");
    const file = await newFile(path);
    await writeFile(file.tempPath, "mine\n");
    await writeFile(path, "theirs\n");
    const taken = {
      code: "CONFIG_INVALID",
      message: `${path} already exists; remove it or choose another name`,
    };
    await expect(file.commit()).rejects.toMatchObject(taken);
    await file.discard();
    await expect(newFile(path)).rejects.toMatchObject(taken);
    expect(await readdir(folder)).toEqual(["x.csv"]);
    expect(await readFile(path, "utf8")).toBe("theirs\n");
  });

  test("is the same where there are no hard links", async () => {
    const folder = await scratchFolder();
    const path = join(folder, "x.csv");
    const noLink = () => Promise.reject(Object.assign(new Error("ENOTSUP"), { code: "ENOTSUP" }));
    const [first, second] = [await newFile(path, noLink), await newFile(path, noLink)];
    await writeFile(first.tempPath, "first\n");
    await writeFile(second.tempPath, "second\n");
    await first.commit();
    await expect(second.commit()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await second.discard();
    expect(await readdir(folder)).toEqual(["x.csv"]);
    expect(await readFile(path, "utf8")).toBe("first\n");
  });

  test("deletes what a killed process left in the folder, and nothing that only looks like it", async () => {
    const folder = await scratchFolder();
    await leaveAbandoned(folder, "r4ec-export-killed");
    await mkdir(join(folder, "r4ec-export-myownx"));
    await writeFile(join(folder, "y.csv.0123abcd.tmp"), "");
    const file = await newFile(join(folder, "x.csv"));
    await file.discard();
    expect((await readdir(folder)).sort()).toEqual(["r4ec-export-myownx", "y.csv.0123abcd.tmp"]);
  });

  test("refuses the name of a dangling link, and makes nothing where it points", async () => {
    const folder = await scratchFolder();
    await symlink(join(folder, "nowhere"), join(folder, "x.csv"));
    await expect(newFile(join(folder, "x.csv"))).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    expect(await readdir(folder)).toEqual(["x.csv"]);
  });

  test("refuses the name of a folder", async () => {
    const folder = await scratchFolder();
    await mkdir(join(folder, "sub"));
    await expect(newFile(join(folder, "sub"))).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});
