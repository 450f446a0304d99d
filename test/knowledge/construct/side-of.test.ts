import { describe, expect, test } from "vitest";
import { sideOf } from "../../../src/knowledge/construct/side-of.ts";

const ids = Array.from({ length: 20_000 }, (_, id) => id);
const valid = (subject: "user" | "item", share: number): readonly number[] =>
  ids.filter((id) => sideOf(subject, id, share) === "valid");

describe("sideOf", () => {
  test("takes about the share", () => {
    // 1,000 of 20,000 are expected; four standard deviations are 123.
    expect(Math.abs(valid("user", 0.05).length - 1000)).toBeLessThan(123);
    expect(valid("user", 0)).toEqual([]);
  });

  test("with a greater share, everyone stays who was for validation", () => {
    const more = new Set(valid("item", 0.2));
    expect(valid("item", 0.05).filter((id) => !more.has(id))).toEqual([]);
  });

  test("draws users and items apart", () => {
    const items = new Set(valid("item", 0.05));
    const both = valid("user", 0.05).filter((id) => items.has(id));
    expect(both.length).toBeLessThan(100);
  });

  test("never changes: sides that a version gave are those of the next", () => {
    expect([1, 2, 3, 5, 7, 8].map((id) => sideOf("user", id, 0.2))).toEqual([
      "valid",
      "train",
      "train",
      "valid",
      "valid",
      "train",
    ]);
  });
});
