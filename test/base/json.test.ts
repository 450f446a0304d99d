import { describe, expect, test } from "vitest";
import { canonicalJson, toJson } from "../../src/base/json.ts";

describe("canonicalJson", () => {
  test("sorts the keys of objects at every depth", () => {
    expect(canonicalJson({ b: 1, a: { d: [{ z: 1, y: 2 }], c: null } })).toBe(
      '{"a":{"c":null,"d":[{"y":2,"z":1}]},"b":1}',
    );
  });

  test("keeps the order of lists", () => {
    expect(canonicalJson([3, 1, 2])).toBe("[3,1,2]");
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
  });

  test("gives equal text for equal values, however they were built", () => {
    const built: Record<string, number> = {};
    built["second"] = 2;
    built["first"] = 1;
    expect(canonicalJson(built)).toBe(canonicalJson({ first: 1, second: 2 }));
  });

  test("tells texts from numbers and null from absence", () => {
    expect(canonicalJson({ a: "1" })).not.toBe(canonicalJson({ a: 1 }));
    expect(canonicalJson({ a: null })).not.toBe(canonicalJson({}));
  });
});

describe("toJson", () => {
  test("drops undefined members and leaves the rest", () => {
    expect(toJson({ a: undefined, b: [1, { c: undefined, d: "x" }] })).toEqual({
      b: [1, { d: "x" }],
    });
  });
});
