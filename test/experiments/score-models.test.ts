import { expect, test } from "vitest";
import { passesOf } from "../../src/experiments/score-models.ts";

test("passesOf: as many models together as fit, in order; one that does not fit alone", () => {
  expect(passesOf(["a", "b", "c", "d", "e"], 100, 250)).toEqual([["a", "b"], ["c", "d"], ["e"]]);
  expect(passesOf(["a", "b"], 100, 50)).toEqual([["a"], ["b"]]);
  expect(passesOf(["a", "b"], 0, 50)).toEqual([["a", "b"]]);
  expect(passesOf([], 100, 50)).toEqual([]);
});
