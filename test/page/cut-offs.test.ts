import { describe, expect, test } from "vitest";
import { cutOffs } from "../../src/page/cut-offs.ts";

describe("cutOffs", () => {
  const split = (name: string, firstAt: string, lastAt: string) => ({
    split: name,
    firstAt: `${firstAt}T00:00:00.000Z`,
    lastAt: `${lastAt}T00:00:00.000Z`,
  });

  test("are the first moments of valid and test when time divides the splits", () => {
    const splits = [
      split("train", "2000-01-01", "2000-02-01"),
      split("valid", "2000-02-02", "2000-03-01"),
      split("test", "2000-03-02", "2000-04-01"),
    ];
    expect(cutOffs(splits)).toEqual([
      { split: "valid", at: "2000-02-02T00:00:00.000Z" },
      { split: "test", at: "2000-03-02T00:00:00.000Z" },
    ]);
  });

  test("do not exist when each user is split apart", () => {
    expect(
      cutOffs([
        split("train", "2000-01-01", "2000-03-01"),
        split("test", "2000-01-15", "2000-04-01"),
      ]),
    ).toEqual([]);
  });
});
