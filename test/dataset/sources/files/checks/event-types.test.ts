import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeFiles } from "../../../../../src/dataset/sources/files/describe-files.ts";
import { datasetSettings } from "../../../../../src/dataset/settings.ts";
import { makeFolder } from "../../../../util/hand-made-task.ts";
import { loadedEvents, loadSource } from "../../../../util/load-source.ts";
import { useMemoryDatabase } from "../../../../util/memory-database.ts";

const memory = useMemoryDatabase();

/** Settings of a log whose rows have these values in column `kind`. */
async function log(columns: object, ...kinds: readonly string[]) {
  const rows = kinds.map((kind, k) => `5,${k + 1},${1_700_000_000 + k},${kind}`);
  const dir = await makeFolder(join(memory.dir, "in"), {
    "log.csv": `${["user_id,item_id,ts,kind", ...rows].join("\n")}\n`,
  });
  return { source: "csv", interactions: join(dir, "log.csv"), columns };
}

async function stopsOf(settings: object): Promise<readonly string[]> {
  const parsed = datasetSettings.parse(settings);
  if (!("interactions" in parsed)) throw new Error("no source of files");
  const site = {
    tempDir: await makeFolder(join(memory.dir, "described"), {}),
    signal: AbortSignal.timeout(60_000),
  };
  const report = await describeFiles(memory.db, parsed, site);
  return report.stops;
}

describe("positiveEvents that do not occur", () => {
  test.each([
    [["buy"], ["Buy", "View", "Buy"], "buy in column kind, only Buy (2), View (1)"],
    [["Buy", "Rent"], ["Buy", "View"], "Rent in column kind, only Buy (1), View (1)"],
    [["buy ", "rent"], ["buy", "view"], "buy  or rent in column kind, only buy (1), view (1)"],
    [["true"], ["1", "0"], "true in column kind, only 0 (1), 1 (1)"],
  ])("%j of %j are refused, with the types there are", async (positiveEvents, kinds, found) => {
    const settings = await log({ event: "kind", positiveEvents }, ...kinds);
    const message = `dataset.columns.positiveEvents: no row of ${settings.interactions} has the type ${found}; write types as they stand there, and leave out those that do not occur`;
    await expect(loadSource(memory, settings)).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message,
    });
    expect(await stopsOf(settings)).toContain(message);
  });

  test("they are looked for in their own column where the order of the rows is their time", async () => {
    const order = { event: "kind", timeUnit: "order" };
    const settings = await log({ ...order, positiveEvents: ["rent"] }, "buy", "view", "buy");
    await expect(loadSource(memory, settings)).rejects.toThrow(
      /has the type rent in column kind, only buy \(2\), view \(1\); /,
    );
    const known = await log({ ...order, positiveEvents: ["buy"] }, "buy", "view", "buy");
    await loadSource(memory, known);
    expect(await stopsOf(known)).toEqual([]);
  });

  test("of many types the most frequent are shown", async () => {
    const kinds = Array.from({ length: 30 }, (_, k) => `t${k + 10}`);
    const settings = await log({ event: "kind", positiveEvents: ["x", "t39"] }, ...kinds);
    await expect(loadSource(memory, settings)).rejects.toThrow(
      /has the type x in column kind, only t39 \(1\), t10 \(1\), .*t29 \(1\) and 9 more; /,
    );
  });

  test("types that all occur are read", async () => {
    const settings = await log(
      { event: "kind", positiveEvents: ["it's; --", "buy"] },
      "buy",
      "it's; --",
      "x",
    );
    await loadSource(memory, settings);
    expect((await loadedEvents(memory)).map(([, , rating]) => rating)).toEqual([1, 1, 0]);
    expect(await stopsOf(settings)).toEqual([]);
  });
});

describe("labels that are all equal: what describe says", () => {
  test.each([
    [
      { label: "kind" },
      ["1", "1"],
      "label 1, so nothing can be learnt or measured; check dataset.columns.label: column kind holds the labels",
    ],
    [
      { rating: "kind" },
      ["2", "3"],
      "label 0, so nothing can be learnt or measured; check dataset.positiveAbove: ratings above 3 count as liked",
    ],
    [
      { event: "kind", positiveEvents: ["buy"] },
      ["buy", "buy"],
      "label 1, so nothing can be learnt or measured; check dataset.columns.positiveEvents: in column kind, buy count as liked, all other types do not",
    ],
  ])("%j", async (columns, kinds, told) => {
    expect(await stopsOf(await log(columns, ...kinds))).toEqual([
      `all 2 interactions have ${told}`,
    ]);
  });
});
