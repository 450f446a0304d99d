import { describe, expect, test } from "vitest";
import { canonicalJson, toJson } from "../../src/base/json.ts";
import { seededRandom } from "../util/seeded-random.ts";

const names = [
  "b",
  "a",
  "__proto__",
  "constructor",
  "toString",
  "10",
  "9",
  "-1",
  "",
  "é",
  "z\u0000",
  "\ud83d\ude00",
  "\uffff",
  "A",
];
const leaves = [null, true, false, 0, -0, 1e21, 0.1, -5, "", 'say "hi"\n', "\ud800", undefined];

function randomValue(random: (below: number) => number, depth: number): unknown {
  const kind = depth === 0 ? 0 : random(3);
  if (kind === 0) return leaves[random(leaves.length)];
  const members = Array.from({ length: random(5) }, () => randomValue(random, depth - 1));
  if (kind === 1) return members;
  return Object.fromEntries(members.map((member) => [names[random(names.length)] ?? "", member]));
}

/** How the keys of cached answers used to be sorted before they were written by JSON.stringify. */
function sortedCopy(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sortedCopy);
  const copy: Record<string, unknown> = { __proto__: null };
  const fields: Readonly<Record<string, unknown>> = { ...value };
  for (const name of Object.keys(fields).sort()) copy[name] = sortedCopy(fields[name]);
  return copy;
}

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

  test("leaves out what is undefined and keeps a field named __proto__", () => {
    expect(canonicalJson({ b: undefined, a: null })).toBe('{"a":null}');
    const value: unknown = JSON.parse('{"b":1,"__proto__":{"x":2}}');
    expect(canonicalJson([value])).toBe('[{"__proto__":{"x":2},"b":1}]');
  });

  test("writes random values as the keys of answers on users' disks were written", () => {
    const random = seededRandom(1);
    for (let trial = 0; trial < 2000; trial++) {
      const value = { root: randomValue(random, 4) };
      expect(canonicalJson(value)).toBe(JSON.stringify(sortedCopy(value)));
    }
  });
});

describe("toJson", () => {
  test("drops undefined members and leaves the rest", () => {
    expect(toJson({ a: undefined, b: [1, { c: undefined, d: "x" }] })).toEqual({
      b: [1, { d: "x" }],
    });
  });
});
