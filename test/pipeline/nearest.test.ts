import { describe, expect, test } from "vitest";
import { nearest } from "../../src/pipeline/nearest.ts";

describe("nearest", () => {
  test.each([
    ["epoch", "epochs"],
    ["EPOCHS", "epochs"],
    ["epcohs", "epochs"], // two letters swapped: two substitutions
    ["seads", "seeds"],
    ["learning_rate", "learningRate"],
  ])("takes %s for %s", (word, meant) => {
    expect(nearest(word, ["seeds", "epochs", "learningRate"])).toBe(meant);
  });

  test.each(["", "temperature", "xyz"])("does not guess at %j", (word) => {
    expect(nearest(word, ["seeds", "epochs"])).toBeUndefined();
  });

  test("prefers fewer edits", () => {
    expect(nearest("historys", ["history", "histories"])).toBe("history");
    expect(nearest("a", [])).toBeUndefined();
  });
});
