import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readLines } from "../../../src/llm/cache/read-lines.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";

async function linesOf(content: string): Promise<[string, number][]> {
  const path = join(await scratchFolder(), "lines");
  await writeFile(path, content);
  const file = await open(path, "r");
  const lines: [string, number][] = [];
  await readLines(file, (line, offsetBytes) => lines.push([line.toString(), offsetBytes]));
  await file.close();
  return lines;
}

describe("readLines", () => {
  test("gives each line with its place in bytes and leaves out an unended one", async () => {
    expect(await linesOf("é\n\nab\nrest")).toEqual([
      ["é", 0],
      ["", 3],
      ["ab", 4],
    ]);
    expect(await linesOf("")).toEqual([]);
    expect(await linesOf("rest")).toEqual([]);
  });

  test("joins lines over the borders of its reads, also one longer than a read", async () => {
    const lengths = [700_000, 500_000, 3_000_000, 1, 1_048_575, 1_048_576, 5];
    const lines = lengths.map((length, place) => String(place).repeat(length));
    const read = await linesOf(lines.map((line) => `${line}\n`).join(""));
    expect(read.map(([line]) => line === lines.shift())).toEqual(lengths.map(() => true));
    expect(read.map(([, offset]) => offset)).toEqual([
      0, 700_001, 1_200_002, 4_200_003, 4_200_005, 5_248_581, 6_297_158,
    ]);
  });
});
