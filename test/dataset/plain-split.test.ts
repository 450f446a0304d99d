import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { synthesize } from "../../src/dataset/synth/synthesize.ts";
import { mountTables } from "../../src/tables/mount-tables.ts";
import { placedSql, plainTables } from "../sql/plain-split.ts";
import { runDataset, runFolder } from "../util/dataset-run.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();
const rows = 100_000;
let log: string;

beforeAll(async () => {
  log = await mkdtemp(join(tmpdir(), "r4ec-log-"));
  await synthesize({
    ...{ rows, users: rows / 100, items: rows / 500, seed: 3, files: 3, outDir: log },
    ...{ threads: 2, memoryMb: 512, signal: new AbortController().signal },
    onProgress: () => undefined,
  });
});
afterAll(() => rm(log, { recursive: true, force: true }));

describe(
  `a log of ${rows.toLocaleString("en")} rows in seven buckets`,
  { timeout: 300_000 },
  () => {
    test.each(["leakfree", "paper", "reference"] as const)(
      "becomes under %s what one plain query a table makes of it, row for row",
      async (protocol) => {
        const dir = runFolder(memory.dir, protocol);
        const catalog = await runDataset(dir, [
          `dataset={source: parquet, interactions: "${log}/interactions-*.parquet", shortUsers: drop,
          columns: {user: user_id, item: item_id, time: ts, rating: rating},
          items: {path: "${join(log, "items.parquet")}", attributes: [genre]}}`,
          ...[`protocol=${protocol}`, "runtime.buckets=7", "contexts.partRows=100000"],
        ]);
        await mountTables(memory.db, catalog, dir);
        await memory.db.run(`create table placed as ${placedSql(protocol)}`);
        for (const [table, sql] of Object.entries(plainTables)) {
          const [compared] = await memory.db.rows(
            `with made as (from ${table}), plain as (${sql})
           select (select count(*) from plain) as rows, (select count(*) from (from made except all from plain)) as extra,
                  (select count(*) from (from plain except all from made)) as missing`,
          );
          expect(compared, table).toMatchObject({ extra: 0, missing: 0 });
          expect(compared?.["rows"], table).toBeGreaterThan(table === "item_contexts" ? 199 : 950);
        }
      },
    );
  },
);
