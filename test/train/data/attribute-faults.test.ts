import { describe, expect, test } from "vitest";
import { attributeFaults } from "../../../src/train/data/attribute-faults.ts";
import { trainSettings } from "../../../src/train/settings.ts";

const known = { user: ["age"], item: ["mood", "genre"] };
const faults = (settings: object, names: Parameters<typeof attributeFaults>[1] = known) =>
  attributeFaults(trainSettings.parse(settings), names);

describe("attributeFaults", () => {
  test("attributes that there are, and the user's id, are no fault", () => {
    expect(faults({ attributes: ["genre", "mood"], userFeatures: ["id", "age"] })).toEqual([]);
    expect(faults({ attributes: [] }, { user: [], item: [] })).toEqual([]);
    expect(faults({ grid: { attributes: [["mood"], []], userFeatures: [["id"]] } })).toEqual([]);
  });

  test("each that nobody has is told once, with its setting and those there are", () => {
    expect(
      faults({ attributes: ["id", "mood"], userFeatures: ["sex"], grid: { attributes: [["x"], ["x", "y"]] } }),
    ).toEqual([
      'train.userFeatures: no user has an attribute "sex"; the users have age',
      'train.attributes: no item has an attribute "id"; the items have mood, genre',
      'train.grid.attributes: no item has an attribute "x"; the items have mood, genre',
      'train.grid.attributes: no item has an attribute "y"; the items have mood, genre',
    ]);
  });

  test("a search is looked through like a grid, and named as what it is", () => {
    const search = { trials: 2, attributes: [["x"], ["mood"]], userFeatures: [["age"], ["sex"]] };
    expect(faults({ search })).toEqual([
      'train.search.userFeatures: no user has an attribute "sex"; the users have age',
      'train.search.attributes: no item has an attribute "x"; the items have mood, genre',
    ]);
  });

  test("where there are none at all, the cure is an empty list", () => {
    expect(faults({}, { user: [], item: [] })).toEqual([
      'train.attributes: no item has an attribute "genre"; the items have no attributes at all; set it to []',
    ]);
  });
});
