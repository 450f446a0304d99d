import { describe, expect, test } from "vitest";
import { jsonOf, readObject } from "../../../../../src/dataset/sources/files/text/python-object.ts";

describe("jsonOf", () => {
  test.each([
    [`{'a': 'b', "c's": [u'd', "e"]}`, { a: "b", "c's": ["d", "e"] }],
    [`{'a': None, 'b': True, 'c': False, 'd': nan}`, { a: null, b: true, c: false, d: null }],
    [
      `{'None': 'True (story)', 'u': (1, 2.5), 'one': (1,)}`,
      { None: "True (story)", u: [1, 2.5], one: [1] },
    ],
    [`{'a': "it's \\"so\\"", 'b': 'it\\'s "so"'}`, { a: `it's "so"`, b: `it's "so"` }],
    [`{'a': 'caf\\xe9 \\u00e9 \\U0001F600\\n\\\\'}`, { a: "café é 😀\n\\" }],
    [`{u'a': {'b': [['c']]}}`, { a: { b: [["c"]] } }],
  ])("%s", (line, expected) => {
    expect(JSON.parse(jsonOf(line))).toEqual(expected);
    expect(readObject(line)).toEqual(expected);
  });

  test("keeps every digit of a number", () => {
    expect(jsonOf(`{'a': 12345678901234567890, 'b': 2.50}`)).toBe(
      `{"a": 12345678901234567890, "b": 2.50}`,
    );
  });

  test.each([
    `{"a": 1}`,
    `{'a': `,
    `{'a': 'b'} {'c': 'd'}`,
    "['a']",
    `{'a': datetime(2020, 1, 2)}`,
    "",
  ])("leaves %j as it is", (line) => {
    expect(jsonOf(line)).toBe(line);
  });
});

test("readObject: objects only", () => {
  expect(readObject(`\uFEFF{"a": 1}`)).toEqual({ a: 1 });
  expect([readObject("[1]"), readObject("1"), readObject("null"), readObject("a,b")]).toEqual(
    Array.from({ length: 4 }, () => undefined),
  );
});
