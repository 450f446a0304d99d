import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listedPerRow, loadAttributeSizes } from "../../../src/train/data/attribute-sizes.ts";
import { openRunFolder, sample, type RunFolder } from "../run-folder.ts";

let run: RunFolder;
beforeAll(async () => {
  run = await openRunFolder();
});
afterAll(() => run.close());

const words = (count: number): readonly string[] =>
  Array.from({ length: count }, (_none, place) => `word ${place}`);
const films = [
  { id: 1, attributes: { tag: [...words(30), "word 3"], tone: ["dark"] } },
  { id: 2, attributes: { tag: words(2), tone: ["dark", "light"] } },
  { id: 3, attributes: {} },
];
const rows = [1, 2, 2, 3].map((item, rn) => sample({ user_id: 5, rn, item_id: item }));

describe("loadAttributeSizes, by train/attribute_sizes", () => {
  const load = async (maxAttributeValues: number) => {
    await run.mount({
      items: [await run.writeItems(films)],
      samples: [await run.writeTable("samples", rows)],
    });
    const attributes = ["tag", "tone"];
    return loadAttributeSizes(run.db, { attributes, attributeValues: "all", maxAttributeValues });
  };

  test("counts distinct values, and an item's as often as it has rows", async () => {
    expect(await load(64)).toEqual([
      { most: 30, distinct: 30, perRow: (30 + 2 + 2) / 4 },
      { most: 2, distinct: 2, perRow: (1 + 2 + 2) / 4 },
    ]);
  });

  test("counts no more of an item than the limit; only long attributes are listed", async () => {
    const sizes = await load(20);
    expect(sizes[0]).toMatchObject({ most: 20, perRow: (20 + 2 + 2) / 4 });
    expect(listedPerRow(sizes)).toBe(6);
    expect(listedPerRow(await load(16))).toBe(0);
  });
});
