import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { quote } from "../../../../../src/tables/quote.ts";
import { loadedEvents, loadedRejects, loadSource } from "../../../../util/load-source.ts";
import { useMemoryDatabase } from "../../../../util/memory-database.ts";

const memory = useMemoryDatabase();

interface Cells {
  readonly user?: string;
  readonly item?: string;
  readonly value?: string;
}

/** Loads 200 rows, of which the 150th has these cells, or every one. */
async function load(cells: Cells, settings: object = {}, isEvery = false): Promise<unknown> {
  const lines = Array.from({ length: 200 }, (_, k) => {
    const { user = "a1", item = `i${k}`, value = "4" } = isEvery || k === 149 ? cells : {};
    return `${user},${item},${1_700_000_000 + k},${value}`;
  });
  const path = join(memory.dir, "log.csv");
  await writeFile(path, ["user_id,item_id,ts,rating", ...lines, ""].join("\n"));
  return loadSource(memory, {
    ...{ source: "csv", interactions: path, columns: { rating: "rating" } },
    ...settings,
  });
}

describe("ids that a spreadsheet has cut", () => {
  test.each([
    [{ user: "1.23457E+15" }, "user"],
    [{ user: "5E+09" }, "user"],
    [{ item: '"1,23E+12"' }, "item"],
    [{ item: "-9.99E+101" }, "item"],
  ])("are refused: %j", async (cells, side) => {
    await expect(load(cells)).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringMatching(
        new RegExp(
          `^dataset\\.columns\\.${side}: column ${side}_id of \\S+log\\.csv holds 1 ids such as -?[0-9].*E\\+\\d+: a spreadsheet`,
        ),
      ) as string,
    });
  });

  test.each(["1.23e+15", "E+10", "B1E+10", "12.3E+10", "1.23E15", "1.23E+5"])(
    "%s is a text like any other",
    async (user) => {
      await load({ user });
      expect(await loadedEvents(memory)).toHaveLength(200);
    },
  );
});

describe("ratings of true and false", () => {
  test.each([["true"], ["FALSE"], ["True"]])("are refused with the cure: %s", async (value) => {
    await expect(load({ value }, {}, true)).rejects.toThrow(
      /dataset\.columns\.rating: column rating of \S+log\.csv holds true and false, .* dataset\.columns\.label instead/,
    );
  });

  test("in Parquet too", async () => {
    const path = join(memory.dir, "log.parquet");
    const rows =
      "select 1 as user_id, i as item_id, i % 2 = 0 as rating, 1700000000 + i as ts from range(1, 50) t(i)";
    await memory.db.run(`copy (${rows}) to ${quote(path)} (format parquet)`);
    const settings = { source: "parquet", interactions: path };
    await expect(
      loadSource(memory, { ...settings, columns: { rating: "rating" } }),
    ).rejects.toThrow(
      /holds true and false, which are no ratings; give it as dataset\.columns\.label/,
    );
    await loadSource(memory, { ...settings, columns: { label: "rating" } });
    expect((await loadedEvents(memory)).map(([, , rating]) => rating).slice(0, 3)).toEqual([
      0, 1, 0,
    ]);
  });

  test("one of them among numbers is a bad row", async () => {
    await load({ value: "true" }, { onBadRow: "skip" });
    expect(await loadedRejects(memory)).toHaveLength(1);
  });
});
