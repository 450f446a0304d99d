import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bucketsFor, writeInteractions } from "../../src/dataset/ingest/write-interactions.ts";
import { bucketsOf } from "../../src/flow/stage.ts";
import { mountTables } from "../../src/tables/mount-tables.ts";
import { datasetTables, differences, runDataset, runFolder } from "../util/dataset-run.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();
const protocols = ["leakfree", "paper", "reference"] as const;
const data = ["dataset.viewers=150", "contexts.partRows=2000"];

describe("bucketsFor", () => {
  test("is one bucket for every five million rows begun", () => {
    expect([0, 1, 5_000_000, 5_000_001, 100_000_000].map(bucketsFor)).toEqual([1, 1, 1, 2, 20]);
  });
});

describe("writeInteractions", () => {
  test("brings rows that have lost the order of the file back into it", async () => {
    await memory.db.run(
      "create or replace table source_interactions as select 1 as user_id, range::integer as item_id, 4::double as rating, " +
        "timestamp '2020-01-01' as ts, range as file_row from range(1000, 0, -1)",
    );
    const path = join(memory.dir, "unordered.parquet");
    const layout = { buckets: 1, isSorted: false };
    const context = { outputPath: () => path };
    const [part] = await writeInteractions(memory.db, { positive_above: 3 }, layout, context);
    expect(part?.rows).toBe(1000);
    const rows = await memory.db.rows(`select file_row from '${path}'`);
    expect(rows.map((row) => Number(row["file_row"]))).toEqual(
      Array.from({ length: 1000 }, (_, k) => k + 1),
    );
  });
});

describe("a run in buckets of users", { timeout: 120_000 }, () => {
  test.each(protocols)("gives under %s the tables of a run in one piece", async (protocol) => {
    const run = async (buckets: number) => {
      const dir = runFolder(memory.dir, String(buckets));
      const overrides = [...data, `protocol=${protocol}`, `runtime.buckets=${buckets}`];
      return [dir, await runDataset(dir, overrides)] as const;
    };
    const whole = await run(1);
    const cut = await run(4);
    for (const table of ["interactions", "users", "timeline", "samples", "user_contexts"]) {
      expect(bucketsOf({ [table]: whole[1][table] ?? [] })).toEqual([]);
      expect(bucketsOf({ [table]: cut[1][table] ?? [] })).toEqual([0, 1, 2, 3]);
    }
    for (const table of datasetTables) {
      expect(await differences(memory.db, table, [whole, cut]), table).toBe(0);
    }
    await mountTables(memory.db, { audits: cut[1]["audits"] ?? [] }, cut[0]);
    const [audits] = await memory.db.rows(
      "select count(*) as n, sum(violations) as violations, min(rows_checked) > 0 as have_rows from audits",
    );
    expect(audits).toEqual({ n: 6, violations: 0, have_rows: true });
  });

  test("keeps all rows of a user in one part, in the order that the tables declare", async () => {
    const dir = runFolder(memory.dir, "order");
    const catalog = await runDataset(dir, [...data, "runtime.buckets=3"]);
    for (const table of ["timeline", "samples"]) {
      const users = new Set<unknown>();
      for (const part of catalog[table] ?? []) {
        await mountTables(memory.db, { part: [part] }, dir);
        const rows = await memory.db.rows("select user_id, rn from part");
        const places = rows.map((row) => [Number(row["user_id"]), Number(row["rn"])] as const);
        expect(places).toEqual(places.toSorted(([a, m], [b, n]) => a - b || m - n));
        for (const user of new Set(places.map(([user]) => user))) {
          expect(user % 3).toBe(part.bucket);
          expect(users.has(user)).toBe(false);
          users.add(user);
        }
      }
      expect(users.size).toBe(150);
    }
  });

  test("more buckets than users leave no part empty", async () => {
    const dir = runFolder(memory.dir, "few");
    const catalog = await runDataset(dir, ["dataset.viewers=15", "runtime.buckets=20"]);
    expect(catalog["interactions"]).toHaveLength(15);
    expect(catalog["interactions"]?.every(({ rows }) => rows > 0)).toBe(true);
  });
});
