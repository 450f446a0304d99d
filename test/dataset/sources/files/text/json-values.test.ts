import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { jsonForm } from "../../../../../src/dataset/sources/files/text/json-form.ts";
import { readJsonValues } from "../../../../../src/dataset/sources/files/text/json-values.ts";
import { useMemoryDatabase } from "../../../../util/memory-database.ts";

const memory = useMemoryDatabase();

async function written(content: string | Uint8Array, name = "a.json"): Promise<string> {
  const path = join(memory.dir, name);
  await writeFile(path, content);
  return path;
}

/** The values in a text as `[line, text]`. */
async function valuesIn(content: string | Uint8Array, name?: string) {
  const values = [];
  for await (const chunk of readJsonValues(await written(content, name))) {
    values.push(...chunk.map(({ line, bytes }) => [line, bytes.toString()]));
  }
  return values;
}

describe("readJsonValues", () => {
  test.each([
    ["one after another", '{"a":1}{"b":[2,{"c":3}]} {"d":4}'],
    ["a list", '[{"a":1},{"b":[2,{"c":3}]},{"d":4}]'],
    ["a list with a comma at its end", '[{"a":1},\t{"b":[2,{"c":3}]}, {"d":4},]'],
    ["two lists", '[{"a":1}][{"b":[2,{"c":3}]},{"d":4}]'],
    ["a byte order mark", '\uFEFF{"a":1}{"b":[2,{"c":3}]}{"d":4}'],
  ])("finds each: %s", async (_, content) => {
    const values = [
      [1, '{"a":1}'],
      [1, '{"b":[2,{"c":3}]}'],
      [1, '{"d":4}'],
    ];
    expect(await valuesIn(content)).toEqual(values);
    expect(await valuesIn(gzipSync(content), "a.json.gz")).toEqual(values);
  });

  test("over lines, with the line of each start", async () => {
    const text = '{\n  "a": 1\n}\n\n{"b":\r\n2}\n{"c": "}\\"{"}';
    expect(await valuesIn(text)).toEqual([
      [1, '{\n  "a": 1\n}'],
      [5, '{"b":\r\n2}'],
      [7, '{"c": "}\\"{"}'],
    ]);
  });

  test("lists in a list, words and numbers are values too", async () => {
    expect(await valuesIn('[[1],"a]",null,\n3.5 ]')).toEqual([
      [1, "[1]"],
      [1, '"a]"'],
      [1, "null"],
      [2, "3.5"],
    ]);
    expect(await valuesIn("7")).toEqual([[1, "7"]]);
  });

  test("a value may lie in several chunks", async () => {
    const long = "x".repeat(700_000);
    const values = await valuesIn(JSON.stringify([{ a: long }, { b: long }, { c: long }]));
    expect(values.map(([, text]) => String(text).length)).toEqual([700_008, 700_008, 700_008]);
  });

  test.each([
    ['{"a":1}\n{"b":{"c":2}\n', 2],
    ['[{"a":1},\n{"b":2,\n{"c":3}]', 2],
    ['{"a":1}\n{"b":"x}\n', 2],
    [`{"a":"${"x".repeat(1_100_000)}"}`, 1],
    [`{"a":"${"x".repeat(2_100_000)}"}`, 1],
  ])("refuses what is never closed: %.30s", async (content, line) => {
    await expect(valuesIn(content)).rejects.toThrow(
      `a.json: line ${line}: a value starts here that is never closed, or is longer than 1 MiB`,
    );
  });
});

describe("jsonForm", () => {
  test.each([
    ['{"a":1}\n{"a":2}\n', "lines"],
    ["{'a':1}\n{'a':2}\n", "lines"],
    ['{"a":1', "lines"],
    ['{"a":\n{"a":2}\n', "lines"],
    ["", "lines"],
    [" \n[{", "list"],
    ['{"a":1}{"a":2}', "values"],
    ['{\n"a":1}\n{"a":2}', "values"],
    [`{"a":1}${'{"a":2}'.repeat(300_000)}`, "values"],
  ])("%.20j: %s", async (content, form) => {
    const path = await written(content);
    const file = { path, format: "json", bytes: content.length, changedMs: 0 } as const;
    expect(await jsonForm(file)).toBe(form);
  });
});
