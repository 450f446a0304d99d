import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { linkOrCopy } from "../../src/base/files/link-or-copy.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));

async function twoNames(): Promise<{ path: string; name: string }> {
  const folder = await scratchFolder();
  const [path, name] = [join(folder, "a"), join(folder, "b")];
  await writeFile(path, "whole");
  return { path, name };
}

describe("linkOrCopy", () => {
  test.each([undefined, failing("EPERM"), failing("ENOTSUP"), failing("ENOSYS")])(
    "gives the second name to the first caller only, with hard links and without (%#)",
    async (makeLink) => {
      const { path, name } = await twoNames();
      await linkOrCopy(path, name, makeLink);
      expect(await readFile(name, "utf8")).toBe("whole");
      await expect(linkOrCopy(path, name, makeLink)).rejects.toMatchObject({ code: "EEXIST" });
    },
  );

  test("passes other errors on", async () => {
    const { path, name } = await twoNames();
    await expect(linkOrCopy(path, name, failing("EIO"))).rejects.toMatchObject({ code: "EIO" });
  });
});
