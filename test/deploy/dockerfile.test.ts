import { access, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { describe, expect, test } from "vitest";

const pathOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const linesOf = async (path: string): Promise<readonly string[]> =>
  (await readFile(pathOf(path), "utf8")).split("\n");

/** What the stages of the image copy from the checkout, and what the last one copies at all. */
async function copied(): Promise<{ readonly checkout: string[]; readonly image: string[] }> {
  const checkout: string[] = [];
  let image: string[] = [];
  for (const line of await linesOf("deploy/Dockerfile")) {
    const [instruction, ...words] = line.split(" ");
    if (instruction === "FROM") image = [];
    if (instruction !== "COPY") continue;
    const sources = words.filter((word) => !word.startsWith("--")).slice(0, -1);
    if (!line.includes("--from=")) checkout.push(...sources);
    image.push(...sources.map((source) => source.replace("/r4ec/", "")));
  }
  return { checkout, image };
}

describe("deploy/Dockerfile", () => {
  test("copies what is there and what .dockerignore lets in, which is nothing else", async () => {
    const { checkout } = await copied();
    for (const path of checkout) await access(pathOf(path));
    const [all, ...letIn] = (await linesOf(".dockerignore")).filter((line) => /^[^#]/.test(line));
    expect(all).toBe("*");
    expect([...letIn].sort()).toEqual([...new Set(checkout)].map((path) => `!${path}`).sort());
  });

  test("has in its image what the package has, and what that needs", async () => {
    const { image } = await copied();
    const { files } = z
      .object({ files: z.array(z.string()) })
      .parse(JSON.parse(await readFile(pathOf("package.json"), "utf8")));
    const needed = files.filter((file) => !file.startsWith("deploy/"));
    expect(image).toEqual(expect.arrayContaining([...needed, "package.json", "node_modules"]));
  });
});
