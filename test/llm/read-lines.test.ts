import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lineText, readFileLines, readLines } from "../../src/llm/read-lines.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

/** The whole lines of a file with their offsets. */
async function linesOf(content: string): Promise<[string, number][]> {
  const path = join(await scratchFolder(), "lines");
  await writeFile(path, content);
  const lines: [string, number][] = [];
  for await (const { bytes, offset, isWhole } of readFileLines(path)) {
    if (isWhole) lines.push([bytes.toString(), offset]);
  }
  return lines;
}

describe("readLines", () => {
  test("gives each line with its place in bytes and tells an unended one", async () => {
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

  test("counts lines and joins those that chunks cut, also inside a character", async () => {
    const bytes = Buffer.from("\uFEFFé\r\n\nrest");
    const chunks = Array.from(bytes, (byte) => Uint8Array.of(byte));
    const lines: unknown[] = [];
    for await (const line of readLines(eachOf(chunks))) {
      lines.push([lineText(line), line.number, line.offset, line.isWhole]);
    }
    expect(lines).toEqual([
      ["é", 1, 0, true],
      ["", 2, 7, true],
      ["rest", 3, 8, false],
    ]);
  });
});

async function* eachOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}
