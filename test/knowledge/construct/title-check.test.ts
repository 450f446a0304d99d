import { describe, expect, test } from "vitest";
import type { Item } from "../../../src/knowledge/contexts/contexts.ts";
import { titleCheck } from "../../../src/knowledge/construct/title-check.ts";

const item = (title: string, year: number | null = null): Item => ({
  itemId: 1,
  title,
  year,
  attributes: {},
});

const names = (title: string, text: string, shown: readonly string[] = []): boolean =>
  titleCheck({ forbidden: [item(title)], shown: shown.map((each) => item(each)) })(text);

describe("titleCheck", () => {
  test.each([
    ["Heat", "They would enjoy Heat."],
    ["Heat", "they would enjoy HEAT"],
    ["Blade Runner", "Loves “Blade   Runner”, surely."],
    ["Blade Runner", "Loves *Blade\nRunner* above all"],
    ["Schindler's List", "Schindler’s List moved them"],
    ["Schindler's List", "schindlers list"],
    ["M*A*S*H", "films such as m.a.s.h"],
    ["Amélie", "AMELIE"],
    ["Spider-Man", "spider man"],
    ["Fast & Furious", "Fast and Furious"],
    ["Heat (1995)", "saw Heat twice"],
    ["Heat (1995)", "saw Heat (1995)"],
    ["The Godfather", "Godfather films"],
    ["Godfather, The (1972)", "saw The Godfather"],
    ["Godfather, The", "like a godfather"],
    ["An Unmarried Woman", "unmarried woman"],
    ["The City of Lost Children (Cité des enfants perdus, La)", "the city of lost children"],
    ["千と千尋の神隠し", "彼は千と千尋の神隠しが好き"],
    ["2001: A Space Odyssey", "2001 - a space odyssey"],
  ])("%j is named in %j", (title, text) => {
    expect(names(title, text)).toBe(true);
  });

  test.each([
    ["Heat", "They love theatre and heated scenes."],
    ["Alien", "Aliens"],
    ["The Godfather", "A father and a god"],
    ["Blade Runner", "A runner with a blade"],
    ["!!!", "Loves surprises!!!"],
    ["", "anything"],
    ["Heat", ""],
  ])("%j is not named in %j", (title, text) => {
    expect(names(title, text)).toBe(false);
  });

  test("a title within a longer one that is shown is not named, and is where it stands alone", () => {
    expect(names("Toy Story", "As in Toy Story 2, they like wit.", ["Toy Story 2"])).toBe(false);
    expect(names("Toy Story", "As in Toy Story 2 and Toy Story.", ["Toy Story 2"])).toBe(true);
    expect(names("Toy Story", "As in Toy Story 2, they like wit.")).toBe(true);
  });

  test("a title that begins like one that is shown is still named", () => {
    expect(names("Alien Resurrection", "liked Alien Resurrection", ["Alien"])).toBe(true);
  });

  test("of two films of one title, the year tells them apart where it is given", () => {
    const check = titleCheck({
      forbidden: [item("Psycho", 1998)],
      shown: [item("Psycho", 1960)],
    });
    expect(check("They admire Psycho.")).toBe(false);
    expect(check("They admire Psycho (1960).")).toBe(false);
    expect(check("They admire Psycho (1998).")).toBe(true);
  });

  test("without forbidden titles nothing is named", () => {
    expect(titleCheck({ forbidden: [], shown: [] })("Heat")).toBe(false);
  });
});
