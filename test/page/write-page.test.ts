import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writePage } from "../../src/page/write-page.ts";
import { renderPage } from "../../src/page/page.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

const page = (title: string): string =>
  renderPage({
    kind: "r4ec profile",
    title,
    subtitle: "",
    warning: null,
    sections: [],
    content: "",
  });

const refuse = (fault: string): Error => new Error(fault);

describe("writePage", () => {
  test("writes a new page, and replaces an earlier one", async () => {
    const path = join(await scratchFolder(), "pages", "index.html");
    await writePage(path, page("old"), { refuse });
    await writePage(path, page("new"), { refuse });
    expect(await readFile(path, "utf8")).toBe(page("new"));
  });

  test.each(["", "<!doctype html><title>My site</title>"])("leaves %j as it is", async (text) => {
    const path = join(await scratchFolder(), "index.html");
    await writeFile(path, text);
    await expect(writePage(path, page("new"), { refuse })).rejects.toThrow(
      `${path} exists and is not a page of r4ec; it was left as it is`,
    );
    expect(await readFile(path, "utf8")).toBe(text);
  });

  test("refuses a folder", async () => {
    const path = join(await scratchFolder(), "index.html");
    await mkdir(path);
    await expect(writePage(path, page("new"), { refuse })).rejects.toThrow("is not a page of r4ec");
  });
});
