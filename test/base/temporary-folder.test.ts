import { readFile, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { birthOf } from "../../src/base/process-mark.ts";
import {
  makeTemporaryFolder,
  sweepTemporaryFolders,
  withTemporaryFolder,
} from "../../src/base/files/temporary-folder.ts";
import { deadOwner as dead, leaveAbandoned as leave } from "../util/abandoned-folder.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

describe("withTemporaryFolder", () => {
  test("gives a folder that names its process, and deletes it whatever happens", async () => {
    let folder = "";
    const use = withTemporaryFolder("test", async (made) => {
      folder = made;
      expect(dirname(made)).toBe(tmpdir());
      const owner: unknown = JSON.parse(await readFile(join(made, "r4ec-owner.json"), "utf8"));
      expect(owner).toMatchObject({ pid: process.pid, host: hostname() });
      await sweepTemporaryFolders();
      await stat(made); // its owner is alive
      throw new Error("no luck");
    });
    await expect(use).rejects.toThrow("no luck");
    await expect(stat(folder)).rejects.toThrow("ENOENT");
  });

  test("is made in the folder named, which is made for it, and clears that of what killed processes left", async () => {
    const parent = join(await scratchFolder(), "new", "place");
    await leave(parent, "r4ec-test-dead00", dead);
    await withTemporaryFolder(
      "test",
      async (made) => {
        expect(await readdir(parent)).toEqual([basename(made)]);
      },
      parent,
    );
    expect(await readdir(parent)).toEqual([]);
  });
});

describe("sweepTemporaryFolders", () => {
  test("deletes the folders of dead processes of this machine, and nothing else", async () => {
    const parent = await scratchFolder();
    const elsewhere = await scratchFolder();
    await leave(parent, "r4ec-sql-dead00", dead);
    const kept = {
      "r4ec-sql-alive0": { ...dead, pid: process.pid, born: await birthOf(process.pid) },
      "r4ec-sql-other0": { ...dead, host: "another-machine" },
      "r4ec-sql-space0": { ...dead, space: "pid:[1]" },
      "r4ec-sql-torn00": "{",
      "r4ec-sql-none00": null,
      "r4ec-mine": dead,
      "mine-sql-dead00": dead,
    };
    for (const [name, owner] of Object.entries(kept)) await leave(parent, name, owner);
    await leave(elsewhere, "folder", dead);
    await symlink(join(elsewhere, "folder"), join(parent, "r4ec-sql-link00"));
    await writeFile(join(parent, "r4ec-sql-file00"), "");
    await sweepTemporaryFolders(parent);
    expect((await readdir(parent)).sort()).toEqual(
      [...Object.keys(kept), "r4ec-sql-link00", "r4ec-sql-file00"].sort(),
    );
    expect(await readdir(join(elsewhere, "folder"))).toContain("spill");
  });

  test("goes on where others' folders vanish while it looks at them", async () => {
    const parent = await scratchFolder();
    const makeAndRemove = async (): Promise<void> => {
      for (let turn = 0; turn < 20; turn++)
        await (await makeTemporaryFolder("sql", parent)).remove();
    };
    await Promise.all(Array.from({ length: 16 }, makeAndRemove));
    expect(await readdir(parent)).toEqual([]);
  });

  test("takes a later process of the same number for another one", async () => {
    const parent = await scratchFolder();
    await leave(parent, "r4ec-sql-later0", { ...dead, pid: process.pid, born: "1" });
    await sweepTemporaryFolders(parent);
    expect(await readdir(parent)).toEqual([]);
  });
});
