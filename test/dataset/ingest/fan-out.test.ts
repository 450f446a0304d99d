import { appendFile, copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { differences, runFolder } from "../../util/dataset-run.ts";
import { useMemoryDatabase } from "../../util/memory-database.ts";
import {
  itemsOf,
  logRows,
  readSource,
  writeLog,
  type LogFormat,
  type LogRow,
} from "./fan-out.fixture.ts";

const memory = useMemoryDatabase();

const ingestTables = [
  ...["interactions", "items", "users", "user_dictionary", "item_dictionary"],
  ...["rejects", "ingest_counts", "data_fingerprint"],
];

type Change = (rows: readonly LogRow[]) => readonly LogRow[];

const at =
  (places: Readonly<Record<number, Partial<LogRow>>>): Change =>
  (rows) =>
    rows.map((row, k) => ({ ...row, ...places[k] }));

/** Bad rows in two groups, and rows that repeat others of near and of far files. */
const dirty: Change = (rows) => [
  ...at({ 3: { u: "" }, 60: { r: "x" }, 61: { t: "soon" }, 300: { u: "" }, 410: { t: "1" } })(rows),
  ...[rows[0], rows[7], rows[200], rows[418]].flatMap((row) => row ?? []),
];
const repeatedRatings: Change = (rows) =>
  rows.flatMap((row, k) => (k % 50 === 0 ? [row, { ...row, r: "5" }] : [row]));
const named: Change = (rows) =>
  rows.map((row) => ({ ...row, u: `user-${row.u}`, i: `item ${row.i}` }));
const mixed: Change = at({ 350: { u: "guest" } });

interface Case {
  readonly format: LogFormat;
  readonly change?: readonly Change[];
  readonly settings?: object;
  readonly missing?: "keep" | "drop";
  readonly buckets?: number;
  readonly protocols?: readonly string[];
}

const skip = { onBadRow: "skip", maxBadShare: 0.1 };

const cases: Readonly<Record<string, Case>> = {
  "integers, all kept": { format: "parquet", protocols: ["leakfree", "paper", "reference"] },
  "integers in one bucket": { format: "csv", buckets: 1 },
  "bad rows skipped": {
    format: "csv",
    change: [dirty],
    settings: { ...skip, duplicates: "first" },
  },
  "items kept without metadata": { format: "json", missing: "keep" },
  "texts numbered, duplicates and unknown items dropped, k-core": {
    ...{ format: "csv", change: [mixed, dirty], missing: "drop" },
    settings: { ...skip, duplicates: "max", kCore: { users: 8, items: 12 } },
    protocols: ["leakfree", "paper", "reference"],
  },
  "names in JSON, last of repeats, sampled": {
    ...{ format: "json", change: [named, repeatedRatings] },
    settings: { duplicates: "last", sampleUsers: { share: 0.5, seed: 3 } },
  },
  "one id of the last file makes all ids texts": { format: "parquet", change: [mixed] },
  "texts in one bucket, k-core": {
    ...{ format: "parquet", change: [named], buckets: 1, settings: { kCore: { items: 25 } } },
  },
  "ids and times given": {
    ...{
      format: "csv",
      settings: {
        ids: "dictionary",
        columns: { user: "u", item: "i", time: "t", timeUnit: "s", rating: "r" },
      },
    },
  },
  "the order of the rows as time": {
    ...{
      format: "parquet",
      settings: { columns: { user: "u", item: "i", timeUnit: "order", rating: "r" } },
    },
  },
  "the order of lines as time, with weights": {
    ...{
      format: "csv",
      settings: { columns: { user: "u", item: "i", timeUnit: "order", rating: "r", weight: "r" } },
    },
  },
  "events of types": {
    ...{
      format: "json",
      settings: {
        columns: { user: "u", item: "i", time: "t", event: "r", positiveEvents: ["4", "5"] },
      },
    },
  },
};

async function datasetOf(name: string, { format, change = [], settings, missing }: Case) {
  const rows = change.reduce((made, next) => next(made), logRows());
  const dataset = await writeLog(memory.db, memory.dir, { name, format, rows });
  const items = missing === undefined ? {} : { items: itemsOf(memory.dir, name, missing) };
  return { ...dataset, ...items, ...settings };
}

describe("a source read in groups of files", { timeout: 180_000 }, () => {
  test.each(Object.entries(cases))("%s: the tables of a single task", async (_, given) => {
    const dataset = await datasetOf("log", given);
    const { buckets = 3, protocols = [] } = given;
    const [one, groups] = [runFolder(memory.dir, "one"), runFolder(memory.dir, "groups")];
    const whole = await readSource(one, dataset, { tasks: 1, buckets });
    const cut = await readSource(groups, dataset, { tasks: 3, buckets });
    expect(cut.keys["ingest-read"]).toHaveLength(3);
    for (const table of ingestTables) {
      const runs = [[one, whole.catalog] as const, [groups, cut.catalog] as const];
      expect(await differences(memory.db, table, runs), table).toBe(0);
    }
    for (const protocol of protocols) {
      const overrides = [`protocol=${protocol}`, "dataset.shortUsers=drop"];
      const later = { buckets, overrides, last: "samples" };
      const runs = [
        [one, (await readSource(one, dataset, { ...later, tasks: 1 })).catalog] as const,
        [groups, (await readSource(groups, dataset, { ...later, tasks: 3 })).catalog] as const,
      ];
      for (const table of ["timeline", "samples"]) {
        expect(await differences(memory.db, table, runs), `${protocol} ${table}`).toBe(0);
      }
    }
  });

  const isEqual = async (dataset: Readonly<Record<string, unknown>>): Promise<void> => {
    const [one, groups] = [runFolder(memory.dir, "one"), runFolder(memory.dir, "groups")];
    const whole = await readSource(one, dataset, { tasks: 1 });
    const cut = await readSource(groups, dataset, { tasks: 3 });
    expect(cut.keys["ingest-read"]).toHaveLength(3);
    for (const table of ingestTables) {
      const runs = [[one, whole.catalog] as const, [groups, cut.catalog] as const];
      expect(await differences(memory.db, table, runs), table).toBe(0);
    }
  };

  test("text files that are read from a copy: lines are those of the file", async () => {
    const dataset = await datasetOf("log", { format: "csv", settings: skip });
    const path = join(memory.dir, "in", "log", "part-4.csv");
    await appendFile(path, "\n5,5,1600000000,2\n5,five,soon,2\n");
    await isEqual(dataset);
  });

  test("Parquet files without rows, also all of a group", async () => {
    const dataset = await datasetOf("log", { format: "parquet" });
    for (const name of ["part-3", "part-4", "part-5"]) {
      const path = join(memory.dir, "in", "log", `${name}.parquet`);
      await memory.db.run(`copy (select 1 as other where false) to '${path}' (format parquet)`);
    }
    await isEqual(dataset);
  });

  test("Amazon reviews", async () => {
    const reviews = join(memory.dir, "in", "reviews");
    await mkdir(reviews, { recursive: true });
    for (const [k, name] of ["a", "b", "c"].entries()) {
      const rows = logRows().slice(140 * k, 140 * (k + 1));
      const lines = rows.map(({ u, i, t, r }) => {
        const review = { reviewerID: `A${u}`, asin: `B${i}`, overall: Number(r) };
        return `${JSON.stringify({ ...review, unixReviewTime: Number(t) })}\n`;
      });
      await writeFile(join(reviews, `${name}.json`), lines.join(""));
    }
    await isEqual({ source: "amazon", reviews });
  });

  test("a file that grows is read again with its group, and no other", async () => {
    const dataset = await datasetOf("log", { format: "csv" });
    const dir = runFolder(memory.dir, "grown");
    const before = await readSource(dir, dataset, { tasks: 3 });
    await appendFile(join(memory.dir, "in", "log", "part-6.csv"), "1,1,1700000000,5\n");
    const after = await readSource(dir, dataset, { tasks: 3 });
    for (const stage of ["ingest-survey", "ingest-read"]) {
      const same = before.keys[stage]?.map((key, k) => key === after.keys[stage]?.[k]);
      expect(same, stage).toEqual([true, true, false]);
    }
    expect(after.keys["ingest-typing"]).not.toEqual(before.keys["ingest-typing"]);
    const rows = (catalog: typeof after.catalog): number =>
      (catalog["interactions"] ?? []).reduce((sum, part) => sum + part.rows, 0);
    expect(rows(after.catalog)).toBe(rows(before.catalog) + 1);
  });
});

const failures: Readonly<Record<string, Case>> = {
  "bad rows": { format: "csv", change: [dirty] },
  "more bad rows than allowed": {
    format: "json",
    change: [dirty],
    settings: { onBadRow: "skip", maxBadRows: 2 },
  },
  "times of two forms": {
    format: "csv",
    change: [
      at(Object.fromEntries(Array.from({ length: 30 }, (_, k) => [380 + k, { t: "2020-01-31" }]))),
    ],
  },
  "numbers that are no times": {
    format: "parquet",
    change: [(rows) => rows.map((row, k) => ({ ...row, t: String(k) }))],
  },
  "repeated events": {
    format: "csv",
    change: [(rows) => [...rows, ...rows.slice(0, 1)]],
    buckets: 1,
  },
  "nothing left": { format: "csv", settings: { kCore: { users: 1000 } } },
  "nobody sampled": { format: "csv", settings: { sampleUsers: { share: 1e-9, seed: 1 } } },
  "ids cut by a spreadsheet": {
    format: "csv",
    change: [at({ 100: { u: "1.23E+15" }, 400: { u: "1.23E+15" } })],
  },
  "labels that are ratings": {
    format: "csv",
    change: [(rows) => rows.map((row) => ({ ...row, r: "true" }))],
    settings: { onBadRow: "skip", maxBadShare: 1 },
  },
  "a type of event that does not occur": {
    format: "csv",
    settings: {
      columns: { user: "u", item: "i", time: "t", event: "r", positiveEvents: ["4", "buy"] },
    },
  },
  "a key that no object has": {
    format: "json",
    settings: { columns: { user: "u", item: "thing", time: "t", rating: "r" } },
  },
};

describe("a source read in groups of files is refused", { timeout: 180_000 }, () => {
  const messageOf = async (
    dataset: Readonly<Record<string, unknown>>,
    tasks: number,
    buckets = 3,
  ) => {
    const run = readSource(runFolder(memory.dir, String(tasks)), dataset, { tasks, buckets });
    const error: unknown = await run.then(
      () => new Error("it was read"),
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: "INPUT_INVALID" });
    return error instanceof Error ? error.message : "";
  };

  test.each(Object.entries(failures))("for %s, in the words of a single task", async (_, given) => {
    const dataset = await datasetOf("log", given);
    expect(await messageOf(dataset, 3, given.buckets)).toBe(
      await messageOf(dataset, 1, given.buckets),
    );
  });

  test("for items without metadata", async () => {
    const dataset = await datasetOf("log", { format: "csv", change: [mixed] });
    const items = { items: itemsOf(memory.dir, "log", "error") };
    expect(await messageOf({ ...dataset, ...items }, 3)).toBe(
      await messageOf({ ...dataset, ...items }, 1),
    );
  });

  test("for files that are added while the run is at work", async () => {
    const dataset = await datasetOf("log", { format: "csv" });
    const folder = join(memory.dir, "in", "log");
    const before = async (stage: string): Promise<void> => {
      if (stage === "ingest-read")
        await copyFile(join(folder, "part-0.csv"), join(folder, "a.csv"));
    };
    const run = readSource(runFolder(memory.dir, "added"), dataset, { tasks: 3, before });
    await expect(run).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: `dataset.interactions: files were added or removed since the run began, next to ${join(folder, "a.csv")}; run again`,
    });
  });

  test("for a file of the second group that lacks a column", async () => {
    const dataset = await datasetOf("log", { format: "csv" });
    await writeFile(join(memory.dir, "in", "log", "part-4.csv"), "u,i,t,stars\n1,1,1600000000,3\n");
    const message = await messageOf(dataset, 3);
    expect(message).toContain("part-4.csv has no column r");
    expect(message).toBe(await messageOf(dataset, 1));
  });
});
