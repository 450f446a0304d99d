import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { auditNames } from "../../../../src/dataset/audits/audits.ts";
import type { Json } from "../../../../src/base/json.ts";
import { runTask } from "../../../../src/flow/run-task.ts";
import type { Catalog } from "../../../../src/flow/stage.ts";
import { catalogOf } from "../../../../src/flow/stage-manifest.ts";
import { openDatabase, type Database, type Row } from "../../../../src/tables/database.ts";
import { mountTables } from "../../../../src/tables/mount-tables.ts";
import { datasetTask, splitByTasks, taskSite } from "../../../util/hand-made-task.ts";

const data = join(process.env["R4EC_SHARED"] ?? "../shared", "data");
const protocols = ["leakfree", "paper", "reference"] as const;
type Protocol = (typeof protocols)[number];

/** Runs the dataset stages on a MovieLens folder, once for the whole block; tables are queried by protocol. */
function useDataset(folder: string) {
  let dir: string;
  let db: Database;
  let ingested: Catalog;

  async function run(
    stage: Parameters<typeof datasetTask>[0],
    config: Json,
    inputs: Catalog,
  ): Promise<Catalog> {
    return catalogOf([await runTask(datasetTask(stage, config, inputs), taskSite(dir))]);
  }

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "r4ec-real-"));
    db = await openDatabase({ threads: 2, memoryMb: 1024, tempDir: join(dir, "spill") });
    const dataset = { source: "movielens", path: join(data, folder) };
    ingested = await run("ingest", { dataset }, {});
    await mountTables(db, ingested, dir);
  });
  afterAll(async () => {
    db.close();
    await rm(dir, { recursive: true, force: true });
  });

  return {
    rows: (sql: string): Promise<readonly Row[]> => db.rows(sql),
    /** Splits by a protocol, makes contexts and statistics and runs every audit; throws when one finds rows. */
    split: async (protocol: Protocol): Promise<void> => {
      const config = { protocol, samples: {}, contextRows: 10, shortUsers: "error" };
      const samples = catalogOf([await splitByTasks(dir, config, ingested)]);
      const tables = { ...ingested, ...samples };
      const contexts = await run("contexts", { contexts: {} }, tables);
      const stats = await run("stats", {}, tables);
      const all = { ...tables, ...contexts, ...stats };
      const audits = await run("audits", { protocol, audits: auditNames }, all);
      await mountTables(db, { ...all, ...audits }, dir);
    },
  };
}

const passed = [...auditNames].sort().map((audit) => ({ audit, violations: 0 }));

describe.skipIf(!existsSync(join(data, "ml-1m")))(
  "MovieLens-1M (skipped where $R4EC_SHARED/data/ml-1m is absent)",
  () => {
    const dataset = useDataset("ml-1m");

    test("the counts of its README, users and items that nobody rated set aside", async () => {
      const [counts] = await dataset.rows(
        `select (select count(*) from interactions) as interactions, (select count(*) from users) as users,
           (select count(*) from items) as items, (select count(distinct item_id) from interactions) as rated_items,
           (select count(*) from items where year is null or attributes['genre'] is null) as incomplete_items`,
      );
      expect(counts).toEqual({
        interactions: 1_000_209,
        users: 6040,
        items: 3883,
        rated_items: 3706,
        incomplete_items: 0,
      });
    });

    test("reference gives the row counts and positive rates of the paper's public code, to the last digit", async () => {
      await dataset.split("reference");
      expect(
        await dataset.rows(
          "select split, count(*) as n, avg(label) as rate from samples group by split order by split desc",
        ),
      ).toEqual([
        { split: "train", n: 737_358, rate: 0.5715405542490893 },
        { split: "test", n: 196_411, rate: 0.5636700592125695 },
      ]);
      expect(await dataset.rows("select audit, violations from audits order by audit")).toEqual(
        passed,
      );
    });

    test.each(["leakfree", "paper"] as const)(
      "%s passes every audit and gives every interaction one role",
      async (protocol) => {
        await dataset.split(protocol);
        expect(await dataset.rows("select audit, violations from audits order by audit")).toEqual(
          passed,
        );
        const [counts] = await dataset.rows(
          `select count(*) as rows, count(distinct (user_id, item_id)) as events, count(*) filter (role = 'context') as context,
             count(*) filter (role in ('train', 'valid', 'test')) = (select count(*) from samples) as all_sampled
           from timeline`,
        );
        expect(counts).toEqual({
          rows: 1_000_209,
          events: 1_000_209,
          context: 60_400,
          all_sampled: true,
        });
        const [late] = await dataset.rows(
          `select count(*) filter (events.ts = shown.ts) > 0 as has_ties, count(*) filter (events.ts > shown.ts) as later
           from (select user_id, ts, unnest(history_items) as item_id from samples) as shown
           join interactions as events on shown.user_id = events.user_id and shown.item_id = events.item_id`,
        );
        // Paper orders rows of one second by item, so some share theirs with their history; leakfree has none of that.
        expect(late).toEqual({ has_ties: protocol === "paper", later: 0 });
      },
    );
  },
);

describe.skipIf(!existsSync(join(data, "ml-100k")))(
  "MovieLens-100K (skipped where $R4EC_SHARED/data/ml-100k is absent)",
  () => {
    const dataset = useDataset("ml-100k");

    test("the counts of its README", async () => {
      const [counts] = await dataset.rows(
        `select (select count(*) from interactions) as interactions, (select count(*) from users) as users,
           (select count(*) from items) as items`,
      );
      expect(counts).toEqual({ interactions: 100_000, users: 943, items: 1682 });
    });

    test.each(protocols)("%s passes every audit", async (protocol) => {
      await dataset.split(protocol);
      expect(await dataset.rows("select audit, violations from audits order by audit")).toEqual(
        passed,
      );
      expect(await dataset.rows("select count(*) as n from timeline")).toEqual([{ n: 100_000 }]);
    });
  },
);
