import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memoryFaults, type MemoryFaultOptions } from "../../src/train/memory-faults.ts";
import { trainSettings } from "../../src/train/settings.ts";
import { variantsOf } from "../../src/pipeline/variants/resolve-variants.ts";
import { openRunFolder, sample, type RunFolder } from "./run-folder.ts";

let run: RunFolder;
beforeAll(async () => {
  run = await openRunFolder();
  const tags = (count: number): readonly string[] =>
    Array.from({ length: count }, (_none, place) => `tag ${place}`);
  const films = [1, 2, 3].map((id) => ({ id, attributes: { tag: tags(id === 3 ? 3000 : id) } }));
  const rows = [1, 2, 1, 3].map((item, rn) =>
    sample({ user_id: 5, rn, item_id: item, history_items: [1, 2], history_ratings: [1, 2] }),
  );
  await run.mount({
    items: [await run.writeItems(films)],
    samples: [await run.writeTable("samples", rows)],
  });
});
afterAll(() => run.close());

const mb = 1024 ** 2;
const faults = (
  settings: object,
  bytes: number,
  shares = 1,
  vectors: Partial<Pick<MemoryFaultOptions, "variants" | "widths">> = {},
) => {
  const train = trainSettings.parse({ attributes: ["tag"], backbones: ["dcn"], ...settings });
  return memoryFaults(run.db, {
    train,
    variants: variantsOf(["base", "r4ec"]),
    protocol: "leakfree",
    share: { bytes, shares },
    ...vectors,
  });
};

describe("memoryFaults", () => {
  test("finds nothing where a model fits, and its steps where it does not", async () => {
    expect(await faults({}, 100 * mb)).toEqual([]);
    const [fault, ...others] = await faults({ batchSize: 2 ** 20 }, 100 * mb);
    expect(others).toEqual([]); // variants and seeds take the same
    expect(fault).toMatch(
      /^training dcn would not fit: the model and its steps need .* GB of memory, more than the 100 MB that are left of 100 MB .*; set train\.batchSize: \d+, or use a machine/,
    );
  });

  test("names the share and what makes it larger", async () => {
    const [fault] = await faults({ batchSize: 4096 }, 60 * mb, 8);
    expect(fault).toContain("of a share, one of 8, of 60 MB");
    expect(fault).toMatch(/or set runtime\.threads: \d/);
  });

  test("counts every trial of the grid, and the values that items have", async () => {
    const grid = { batchSize: [256, 2 ** 20], embeddingDim: [8, 16] };
    expect(await faults({ grid }, 100 * mb)).toHaveLength(2);
    expect(await faults({ maxAttributeValues: 3000 }, 600 * mb)).toEqual([]);
    expect((await faults({ maxAttributeValues: 3000, batchSize: 8192 }, 4096 * mb))[0]).toContain(
      "set train.maxAttributeValues: ",
    );
  });

  test("refuses samples and attributes that fill the memory by themselves", async () => {
    expect((await faults({ maxAttributeValues: 3000 }, 40_000))[0]).toContain(
      "the items' attributes need",
    );
    expect((await faults({}, 1_100))[0]).toContain("the samples need");
  });

  test("counts vectors of known width, of users and items, and those that are dealt otherwise", async () => {
    const wide = (
      width: number,
      bytes: number,
      names: Parameters<typeof variantsOf>[0] = ["base", "r4ec"],
    ) =>
      faults({}, bytes, 1, {
        variants: variantsOf(names),
        widths: new Map([["r4ec", width]]),
      });
    expect(await wide(512, 100 * mb)).toEqual([]);
    // One user and three items, and each a row for those that are not known.
    const rows = (count: number): number => count * 4e7;
    const [ofUsers, ...others] = await wide(1e7, rows(1.9));
    expect(ofUsers).toMatch(
      /^training dcn would not fit: the vectors of user_embeddings need 77 MB/,
    );
    expect(others).toEqual([]); // the base variant has none
    expect((await wide(1e7, rows(5.9)))[0]).toContain("the vectors of item_embeddings need");
    expect((await wide(1e7, rows(7)))[0]).toContain("the model and its steps need");
    const dealt = await wide(1e7, rows(3.9), ["base", "permuted"]);
    expect(dealt).toHaveLength(1);
    expect(dealt[0]).toContain("the permuted user vectors need 77 MB");
    expect(await faults({}, 100 * mb, 1, { widths: new Map([["another", 1e9]]) })).toEqual([]);
  });

  test("says once what does not fit with and without vectors", async () => {
    const widths = new Map([["r4ec", 512]]);
    expect(await faults({ batchSize: 2 ** 20 }, 100 * mb, 1, { widths })).toHaveLength(1);
  });
});
