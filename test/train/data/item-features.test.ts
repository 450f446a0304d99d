import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memoryBudget } from "../../../src/base/memory-budget.ts";
import { cutNotes, loadItemFeatures } from "../../../src/train/data/item-features.ts";
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

  test("takes the first values up to the limit, and counts those it leaves out", async () => {
    await run.mount({ items: [await run.writeItems(films)] });
    const options = {
      attributes: ["genre", "tone"],
      attributeValues: "all",
      maxAttributeValues: 2,
    } as const;
    const items = await loadItemFeatures(run.db, options);
    expect(items.attributeSlots).toEqual([2, 2]);
    expect([...items.attributes.subarray(3 * 4, 4 * 4)]).toEqual([3, 2, 4, 0]); // item 30 without Action
    expect(items.cut).toEqual([{ name: "genre", leftOut: 1, cutSubjects: 1, most: 3 }]);
    expect(cutNotes(items.cut, options)).toEqual([
      "1 value of genre left out: train.maxAttributeValues takes the first 2 of an item, and 1 item had more, up to 3",
    ]);
  });

  test("leaves nothing out silently that is not asked for: first values are no cut", async () => {
    expect((await load(["genre", "tone"], "first")).cut).toEqual([]);
    expect((await load(["genre", "tone"], "all")).cut).toEqual([]);
  });

  test("gives an item of very many values as many places as count by default", async () => {
    const values = Array.from({ length: 3000 }, (_none, value) => `tag ${value}`);
    const one = [
      { id: 1, attributes: { tag: values } },
      { id: 2, attributes: { tag: values.slice(0, 64) } },
    ];
    await run.mount({ items: [await run.writeItems(one)] });
    const items = await loadItemFeatures(run.db, { attributes: ["tag"], attributeValues: "all" });
    expect(items.attributeSlots).toEqual([64]);
    expect(items.attributes).toHaveLength(3 * 64);
    expect(items.cut).toEqual([{ name: "tag", leftOut: 2936, cutSubjects: 1, most: 3000 }]);
  });

  test("refuses a table that does not fit before it makes it, with the limit that would", async () => {
    await run.mount({ items: [await run.writeItems(films)] });
    const options = { attributes: ["genre", "tone"], attributeValues: "all" } as const;
    const tight = memoryBudget({ bytes: 4 * 5 * 4, shares: 1 }, "runtime.threads"); // 5 rows of 4 places
    await expect(loadItemFeatures(run.db, options, tight)).rejects.toMatchObject({
      code: "OUT_OF_MEMORY",
      message: expect.stringContaining("set train.maxAttributeValues: 2, or") as string,
    });
    const fitting = { ...options, maxAttributeValues: 2 };
    expect((await loadItemFeatures(run.db, fitting, tight)).attributes).toHaveLength(20);
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
