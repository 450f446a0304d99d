import { describe, expect, test } from "vitest";
import { cutItem } from "../../../src/knowledge/contexts/cut-item.ts";

const film = {
  itemId: 1,
  title: "Heat",
  year: 1995,
  attributes: { genre: ["Crime", "Drama"], mood: ["tense"] },
};

describe("cutItem", () => {
  test("leaves an item of just as many characters as it is", () => {
    expect(cutItem(film, 19)).toBe(film);
  });

  test("keeps the first characters, title before values, and marks where it cuts", () => {
    expect(cutItem(film, 18).attributes).toEqual({ genre: ["Crime", "Drama"], mood: ["ten…"] });
    expect(cutItem(film, 9)).toEqual({ ...film, attributes: { genre: ["Crime"], mood: [] } });
    expect(cutItem(film, 11).attributes).toEqual({ genre: ["Crime", "D…"], mood: [] });
    expect(cutItem(film, 3)).toMatchObject({ title: "He…", attributes: { genre: [], mood: [] } });
  });

  test("takes nothing from behind a value that it has cut, were it ever so short", () => {
    const attributes = { tags: ["ab\u{1F600}cd", "x"] };
    const { attributes: cut } = cutItem({ ...film, title: "", attributes }, 4);
    expect(cut).toEqual({ tags: ["ab…"] }); // half of the emoji would fit
  });
});
