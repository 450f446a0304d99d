import { join } from "node:path";
import { expect, test } from "vitest";
import { datasetSettings, type DatasetSettings } from "../../../src/dataset/settings.ts";
import { sourceOf } from "../../../src/dataset/sources/registry.ts";
import type { SourceSite } from "../../../src/dataset/sources/source.ts";
import { filesUnder, makeFolder } from "../../util/hand-made-task.ts";
import { useMemoryDatabase } from "../../util/memory-database.ts";

const memory = useMemoryDatabase();

const describeSource = (settings: DatasetSettings, site: SourceSite) =>
  sourceOf(settings).describe(memory.db, settings, site);

test("describe: columns, bad rows, repetitions and missing items of files, without stopping at them", async () => {
  const dir = await makeFolder(join(memory.dir, "in"), {
    "log.csv":
      "u,i,t,r,x\nbob,y,1700000000,5,\nAnn,x,1700000001,3,\nbob,x,1700000002,4,\nbob,x,1700000002,4,\n,y,1700000003,1,\n",
    "items.jsonl": '{"item_id":"x","title":"X"}\n{"item_id":"x","title":"Y"}\n',
  });
  const log = join(dir, "log.csv");
  const settings = datasetSettings.parse({
    ...{ source: "csv", interactions: log, items: { path: join(dir, "items.jsonl") } },
    columns: { user: "u", item: "i", time: "t", rating: "r" },
  });
  const tempDir = await makeFolder(join(memory.dir, "tmp"), {});
  const before = await filesUnder(dir);
  const report = await describeSource(settings, {
    tempDir,
    signal: AbortSignal.timeout(60_000),
  });
  expect(await filesUnder(dir)).toEqual(before);
  const texts = (...names: string[]) => names.map((name) => ({ name, type: "VARCHAR" }));
  expect(report).toMatchObject({
    source: "csv",
    files: [
      { holds: "interactions", paths: [log], columns: texts("u", "i", "t", "r", "x") },
      { holds: "items", columns: [{ name: "item_id" }, { name: "title" }] },
    ],
    columns: [
      { role: "user", name: "u", type: "VARCHAR", taken: "texts, numbered", missing: 1 },
      { role: "item", name: "i", taken: "texts, numbered", missing: 0 },
      { role: "time", name: "t", taken: "in seconds since 1970", missing: 0 },
      { role: "rating", name: "r", taken: "", missing: 0 },
    ],
    counts: [
      { step: "read", reason: "", rows: 5 },
      { step: "bad row", reason: "the user id is missing", rows: 1 },
      { step: "kept", reason: "", rows: 4 },
    ],
    rejects: [
      {
        ...{ source: "interactions", reason: "the user id is missing", rows: 1 },
        first: { file: log, line: 6, content: "y | 1700000003 | 1" },
      },
      { source: "items", reason: "the item has a row before", first: { line: 2 } },
    ],
    stops: [
      "2 bad rows (dataset.onBadRow, dataset.maxBadShare)",
      "1 repeated events (dataset.duplicates)",
      "1 items without metadata (dataset.items.missing)",
    ],
    kept: { rows: 4, users: 2, items: 2, positiveShare: 0.75, repeated: 1 },
  });
});

test("describe: the weights of the rows that are kept", async () => {
  const dir = await makeFolder(join(memory.dir, "in"), {
    "log.csv":
      "u,i,t,r,w\n1,1,1700000000,5,0.5\n1,2,1700000001,3,0\n1,3,1700000002,4,-2\n1,4,1700000003,4,4\n1,5,1700000004,4,\n",
  });
  const settings = datasetSettings.parse({
    ...{ source: "csv", interactions: join(dir, "log.csv") },
    columns: { user: "u", item: "i", time: "t", rating: "r", weight: "w" },
  });
  const tempDir = await makeFolder(join(memory.dir, "tmp"), {});
  const site = { tempDir, signal: AbortSignal.timeout(60_000) };
  const { columns, counts, kept } = await describeSource(settings, site);
  const column = { role: "weight", name: "w", type: "VARCHAR", taken: "", missing: 1 };
  expect(columns.at(-1)).toEqual(column);
  expect(counts.map(({ reason, rows }) => `${rows} ${reason}`)).toEqual([
    "5 ",
    "1 the weight is missing",
    "1 the weight is not a finite number of at least 0",
    "3 ",
  ]);
  expect(kept.weights).toEqual({ least: 0, most: 4, mean: 1.5, zeros: 1 });
});

test("describe: other sources by what is kept of them", async () => {
  const settings = datasetSettings.parse({ source: "quickstart", viewers: 20 });
  const report = await describeSource(settings, {
    tempDir: memory.dir,
    signal: AbortSignal.timeout(60_000),
  });
  expect(report).toMatchObject({ source: "quickstart", files: [], stops: [] });
  expect(report.kept).toMatchObject({ users: 20, repeated: 0 });
});
