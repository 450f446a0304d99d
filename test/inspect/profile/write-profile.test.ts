import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeProfile } from "../../../src/inspect/profile/write-profile.ts";
import { renderPage } from "../../../src/page/page.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";

const page = (title: string): string =>
  renderPage({
    kind: "r4ec profile",
    title,
    subtitle: "",
    warning: null,
    sections: [],
    content: "",
  });

describe("writeProfile", () => {
  test("writes a new page, and replaces an earlier one", async () => {
    const path = join(await scratchFolder(), "pages", "index.html");
    await writeProfile(path, page("old"));
    await writeProfile(path, page("new"));
    expect(await readFile(path, "utf8")).toBe(page("new"));
  });

  test.each(["", "<!doctype html><title>My site</title>"])("leaves %j as it is", async (text) => {
    const path = join(await scratchFolder(), "index.html");
    await writeFile(path, text);
    await expect(writeProfile(path, page("new"))).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: `--out ${path}: it is there and is no page of r4ec; it was left as it is. Choose another name, or move it away`,
    });
    expect(await readFile(path, "utf8")).toBe(text);
  });

  test("refuses a folder", async () => {
    const path = join(await scratchFolder(), "index.html");
    await mkdir(path);
    await expect(writeProfile(path, page("new"))).rejects.toThrow("is no page of r4ec");
  });
});
