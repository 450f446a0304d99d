import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeProfile } from "../../../src/inspect/profile/write-profile.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";

describe("writeProfile", () => {
  test.each([
    [true, "--out "],
    [false, ""],
  ])("says how to name another file (named by the user: %s)", async (isGiven, start) => {
    const path = join(await scratchFolder(), "index.html");
    await writeFile(path, "mine");
    await expect(writeProfile(path, "", isGiven)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: `${start}${path} exists and is not a page of r4ec; it was left as it is. Choose another name with --out, or move it away`,
    });
    expect(await readFile(path, "utf8")).toBe("mine");
  });
});
