import { readFile, readlink, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { linkOrCopy, linkOrRename } from "../../src/base/files/new-name.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));

async function twoNames(): Promise<{ path: string; name: string }> {
  const folder = await scratchFolder();
  const [path, name] = [join(folder, "a"), join(folder, "b")];
  await writeFile(path, "whole");
  return { path, name };
}

describe.each([
  ["linkOrCopy", linkOrCopy],
  ["linkOrRename", linkOrRename],
])("%s", (_name, giveName) => {
  test.each([undefined, failing("EPERM"), failing("ENOTSUP"), failing("ENOSYS")])(
    "gives the second name to the first caller only, with hard links and without (%#)",
    async (makeLink) => {
      const { path, name } = await twoNames();
      await giveName(path, name, makeLink);
      expect(await readFile(name, "utf8")).toBe("whole");
      await writeFile(path, "later");
      await expect(giveName(path, name, makeLink)).rejects.toMatchObject({ code: "EEXIST" });
      expect(await readFile(name, "utf8")).toBe(makeLink === undefined ? "later" : "whole");
    },
  );

  test("passes other errors on", async () => {
    const { path, name } = await twoNames();
    await expect(giveName(path, name, failing("EIO"))).rejects.toMatchObject({ code: "EIO" });
  });
});

describe("linkOrRename", () => {
  test("gives a file under a link's name no other place, also where there are no hard links", async () => {
    const { path, name } = await twoNames();
    await symlink(`${name}-elsewhere`, name);
    const renamed = linkOrRename(path, name, failing("EPERM"));
    await expect(renamed).rejects.toMatchObject({ code: "EEXIST" });
    expect(await readlink(name)).toBe(`${name}-elsewhere`);
  });

  test("never has a torn file under the name: it is the file itself, not a copy of it", async () => {
    const { path, name } = await twoNames();
    const { ino } = await stat(path);
    await linkOrRename(path, name, failing("ENOTSUP"));
    expect((await stat(name)).ino).toBe(ino);
  });
});
