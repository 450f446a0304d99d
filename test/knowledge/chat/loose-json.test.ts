import { describe, expect, test } from "vitest";
import { readLooseObject } from "../../../src/knowledge/chat/loose-json.ts";

const read = (text: string): unknown => readLooseObject(text, text.indexOf("{"))?.value;

describe("readLooseObject", () => {
  test.each([
    ['{"a":"b","c":[1,-2.5,true,null],"d":{"e":"f"}}'],
    ['{"a":"line\\nbreak \\"quoted\\" \\u00e9 \\\\ /"}'],
    ["{}"],
    ['{"a":[],"b":{}}'],
  ])("reads JSON as JSON: %s", (text) => {
    expect(read(text)).toEqual(JSON.parse(text));
  });

  test.each([
    ["{'a': 'it's', 'b': \"x\"}", { a: "it's", b: "x" }],
    ["{a: b c, d: None, e: True}", { a: "b c", d: null, e: true }],
    ['{"a": "x" "b": "y"}', undefined],
    ['{"a": "x"\n"b": "y"}', undefined],
    ['{"a": "say "x" and "y"", "b": 1,}', { a: 'say "x" and "y"', b: 1 }],
    ['{"a": "two\nlines", // why\n /* so */ "b": [1, 2,]}', { a: "two\nlines", b: [1, 2] }],
    ["{“a”: ‘b’}", { a: "b" }],
    ['{"__proto__": "x"}', JSON.parse('{"__proto__": "x"}')],
    ['{"a": "cut', undefined],
    ['{"a": "x",', undefined],
    ['{"a"', undefined],
    ["{", undefined],
    ["{]}", undefined],
  ])("%j", (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test("gives up on what is nested too deep", () => {
    expect(read('{"a":'.repeat(50) + "1" + "}".repeat(50))).toBeUndefined();
  });
});
