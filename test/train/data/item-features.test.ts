import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadItemFeatures } from "../../../src/train/data/item-features.ts";
import { openRunFolder, type RunFolder } from "../run-folder.ts";

let run: RunFolder;
beforeAll(async () => {
  run = await openRunFolder();
});
afterAll(() => run.close());

const films = [
  { id: 30, attributes: { genre: ["War", "Drama", "Action"], tone: ["dark"] } },
  { id: 10, attributes: { genre: ["Drama", "War"], tone: ["dark", "grim"] } },
  { id: 20, attributes: { genre: ["Action", "Action", "War"] } },
  { id: 40, attributes: {} },
];

const load = async (attributes: readonly string[], attributeValues: "all" | "first") => {
  await run.mount({ items: [await run.writeItems(films)] });
  return loadItemFeatures(run.db, { attributes, attributeValues });
};

describe("loadItemFeatures", () => {
  test("numbers items by id and first values attribute by attribute; 0 where there is none", async () => {
    const items = await load(["genre", "tone"], "first");
    expect([...items.index.ids]).toEqual([10, 20, 30, 40]);
    // Action 1, Drama 2, War 3, then dark 4.
    expect([...items.attributes]).toEqual([0, 0, 2, 4, 1, 0, 3, 4, 0, 0]);
    expect(items).toMatchObject({ attributeSlots: [1, 1], attributeValues: 4 });
  });

  test("has one place that nothing fills where no attribute is used", async () => {
    const items = await load([], "all");
    expect([...items.attributes]).toEqual([0, 0, 0, 0, 0]);
    expect(items).toMatchObject({ attributeSlots: [1], attributeValues: 0 });
  });

  test("gives all values as many places as any item needs, in the item's order and each value once", async () => {
    const items = await load(["genre", "tone"], "all");
    // Action 1, Drama 2, War 3; dark 4, grim 5. Item 20 names Action twice.
    expect(items).toMatchObject({ attributeSlots: [3, 2], attributeValues: 5 });
    const rows = Array.from({ length: 5 }, (_none, item) => [
      ...items.attributes.subarray(item * 5, (item + 1) * 5),
    ]);
    expect(rows).toEqual([
      [0, 0, 0, 0, 0],
      [2, 3, 0, 4, 5],
      [1, 3, 0, 0, 0],
      [3, 2, 1, 4, 0],
      [0, 0, 0, 0, 0],
    ]);
  });

  test("numbers only the values that count: a second value nobody has first is no value", async () => {
    const one = [{ id: 1, attributes: { genre: ["War", "Action"] } }];
    await run.mount({ items: [await run.writeItems(one)] });
    const options = { attributes: ["genre"], attributeValues: "first" } as const;
    const items = await loadItemFeatures(run.db, options);
    expect(items.attributeValues).toBe(1);
    expect([...items.attributes]).toEqual([0, 1]);
  });

  test("names the attributes there are when one is not", async () => {
    await expect(load(["genre", "director"], "all")).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: 'train.attributes: no item has an attribute "director"; the items have genre, tone',
    });
  });

  test("refuses an empty catalogue", async () => {
    await run.mount({ items: [] });
    const options = { attributes: ["genre"], attributeValues: "all" } as const;
    await expect(loadItemFeatures(run.db, options)).rejects.toMatchObject({
      code: "INPUT_INVALID",
    });
  });
});
