import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  quotingOf,
  standardQuoting,
} from "../../../../../src/dataset/sources/files/text/split-record.ts";
import { surveyText } from "../../../../../src/dataset/sources/files/text/survey-text.ts";
import { makeFolder } from "../../../../util/hand-made-task.ts";
import { useMemoryDatabase } from "../../../../util/memory-database.ts";

const memory = useMemoryDatabase();

async function survey(
  content: string | Uint8Array,
  {
    name = "a.csv",
    encoding = "utf-8",
    syntax = { delimiter: ",", ...quotingOf(standardQuoting) },
  }: {
    name?: string;
    encoding?: "utf-8" | "latin-1";
    syntax?: Parameters<typeof surveyText>[1]["syntax"];
  } = {},
): Promise<Awaited<ReturnType<typeof surveyText>>> {
  const folder = await makeFolder(join(memory.dir, "in"), { [name]: content });
  const { signal } = new AbortController();
  return surveyText(join(folder, name), { encoding, syntax }, signal);
}

describe("surveyText: plain files, line by line", () => {
  test.each([
    ["an empty file", "", 0],
    ["lines", "a,b\n1,2\n3,4\n", 3],
    ["no line feed at the end", "a,b\n1,2", 2],
    ["Windows line ends", "a,b\r\n1,2\r\n", 2],
    ["Windows line ends, none at the end", "a,b\r\n1,2", 2],
    ["blank lines at the end", "a,b\n1,2\n\n\n", 2],
    ["a byte order mark before a quote", '\uFEFF"a",b\n1,2\n', 2],
    ["quotes around whole fields", '"a","b"\n"1, and","x ""y"""\n"",""\n', 3],
    ["letters of several bytes", "a,ž日🙂\n", 1],
  ])("%s", async (_, content, lines) => {
    expect(await survey(content)).toEqual({ lines, isPlain: true });
  });

  test("gzip, and lines across chunks", async () => {
    const text = `${"123456,7890,1\n".repeat(400_000)}x,y,z`;
    const zipped = gzipSync(text);
    expect(await survey(zipped, { name: "a.csv.gz" })).toEqual({ lines: 400_001, isPlain: true });
  });

  test("quotes are ordinary where the file has no quoting, and in JSON lines", async () => {
    const syntax = { delimiter: "\t", ...quotingOf({ ...standardQuoting, quote: "none" }) };
    expect(await survey('a\t"b\n', { syntax })).toEqual({ lines: 1, isPlain: true });
    const folder = await makeFolder(join(memory.dir, "in"), { "a.jsonl": '{"a": "b"}\n' });
    const { signal } = new AbortController();
    expect(await surveyText(join(folder, "a.jsonl"), { encoding: "utf-8" }, signal)).toEqual({
      lines: 1,
      isPlain: true,
    });
  });

  test("latin-1 is valid whatever its bytes", async () => {
    const bytes = Buffer.from("a,\xe9\n", "latin1");
    expect(await survey(bytes, { encoding: "latin-1" })).toEqual({ lines: 1, isPlain: true });
    expect(await survey(bytes)).toMatchObject({ isPlain: false });
  });
});

describe("surveyText: anything that another reader could take for something else", () => {
  test.each([
    ["a line break in quotes", 'a,"b\nc"\n'],
    ["a quote that is never closed", 'a,"b\n1,2\n'],
    ["a quote in the middle of a field", 'a,5" disc\n'],
    ["text after a closing quote", '"a"b,c\n'],
    ["a blank line between others", "a,b\n\n1,2\n"],
    ["a blank line first", "\na,b\n"],
    ["line ends of two kinds", "a,b\r\n1,2\n3,4\r\n"],
    ["a carriage return within a line", "a,b\n1,2\r3,4\n"],
    ["a carriage return at the very end of a line, doubled", "a,b\r\r\n"],
    ["a line longer than 1 MiB", `a,b\n${"x".repeat(1024 * 1024 + 1)}\n1,2\n`],
    ["a last line longer than 1 MiB", `a,b\n${"x".repeat(3 * 1024 * 1024)}`],
  ])("%s", async (_, content) => {
    expect(await survey(content)).toMatchObject({ isPlain: false });
  });

  test("an escape of its own", async () => {
    const syntax = { delimiter: ",", ...quotingOf({ ...standardQuoting, escape: "\\" }) };
    expect(await survey('"a\\"b",c\n', { syntax })).toMatchObject({ isPlain: false });
  });

  test("a damaged gzip file is refused by name", async () => {
    const cut = gzipSync("a,b\n".repeat(1000)).subarray(0, 40);
    await expect(survey(cut, { name: "cut.csv.gz" })).rejects.toThrow(
      /cut\.csv\.gz cannot be unpacked/,
    );
  });
});
