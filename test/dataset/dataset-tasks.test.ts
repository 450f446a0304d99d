import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { auditNames, auditsAfter } from "../../src/dataset/audits/audits.ts";
import { auditTables } from "../../src/dataset/audits/audit-task.ts";
import { makeContexts } from "../../src/dataset/contexts/contexts-task.ts";
import { makeSamples } from "../../src/dataset/split/samples-task.ts";
import { writeStageManifest } from "../../src/flow/stage-manifest.ts";
import type { Catalog } from "../../src/flow/stage.ts";
import type { WrittenFile } from "../../src/flow/task.ts";
import type { Row } from "../../src/tables/database.ts";
import { quote } from "../../src/tables/quote.ts";
import { datasetTask, makeFolder, taskContext } from "../util/hand-made-task.ts";
import { at, makeRunTable, type Cell } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";
import { fileRef } from "../util/file-ref.ts";

const memory = useMemoryDatabase();
let runDir: string;
beforeEach(async () => (runDir = await makeFolder(join(memory.dir, "run"), {})));

/** Writes tables made by hand into the run folder, for a task to read. */
async function inputs(
  tables: Readonly<Record<string, readonly Readonly<Record<string, Cell>>[]>>,
): Promise<Catalog> {
  const catalog: Record<string, Catalog[string]> = {};
  for (const [table, rows] of Object.entries(tables)) {
    await makeRunTable(memory.db, table, rows);
    const path = `input-${table}.parquet`;
    await memory.db.run(`copy ${table} to ${quote(join(runDir, path))} (format parquet)`);
    catalog[table] = [{ table, path, rows: rows.length, bytes: 0, sha256: "" }];
  }
  return catalog;
}

/** The rows of a table that a task wrote, part by part. */
async function written(
  files: readonly WrittenFile[],
  table: string,
): Promise<readonly (readonly Row[])[]> {
  const parts = files.filter((file) => file.table === table);
  return Promise.all(
    parts.map((part) => memory.db.rows(`select * from read_parquet(${quote(part.path)})`)),
  );
}

/** A context whose parts are numbered, for tasks that write several parts of a table. */
function context() {
  let parts = 0;
  return {
    ...taskContext(runDir),
    outputPath: (table: string) => join(runDir, `${table}-${parts++}.parquet`),
  };
}

/** Ten ratings of one user, a second apart, liked and disliked in turn. */
const tenEvents = Array.from({ length: 10 }, (_, k) => ({
  user_id: 1,
  item_id: k + 1,
  rating: k % 2 === 0 ? 5 : 1,
  label: k % 2 === 0 ? 1 : 0,
  ts: at(1, k),
  file_row: k,
}));

describe("makeSamples", () => {
  const config = (protocol: string, samples = {}) => ({
    protocol,
    samples,
    contextRows: 2,
    shortUsers: "error",
  });

  test("writes the timeline by user and place, and the samples in the same order", async () => {
    const tables = await inputs({
      interactions: [...tenEvents].reverse(),
      cuts: [{ train_until: at(1, 7), test_from: at(1, 8) }],
    });
    const task = datasetTask("samples", config("paper", { history: 2 }), tables);
    const files = await makeSamples(task, context());
    const [timeline = []] = await written(files, "timeline");
    expect(timeline.map((row) => row["rn"])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const [samples = []] = await written(files, "samples");
    expect(samples.map(({ split, rn, history_items }) => [split, rn, history_items])).toEqual([
      ["train", 3, [1, 2]], // after two rows of context
      ["train", 4, [2, 3]],
      ["train", 5, [3, 4]],
      ["train", 6, [4, 5]],
      ["train", 7, [5, 6]],
      ["train", 8, [6, 7]],
      ["test", 9, [7, 8]], // the latest fifth
      ["test", 10, [8, 9]],
    ]);
  });

  test("makes the timeline and the samples of a bucket, in parts that say so", async () => {
    const tables = await inputs({
      interactions: tenEvents,
      cuts: [{ train_until: at(1, 7), test_from: at(1, 8) }],
    });
    const whole = await makeSamples(datasetTask("samples", config("paper"), tables), context());
    const task = { ...datasetTask("samples", config("paper"), tables), params: { bucket: 3 } };
    const files = await makeSamples(task, context());
    expect(files.map(({ table, bucket }) => [table, bucket])).toEqual([
      ["timeline", 3],
      ["samples", 3],
    ]);
    for (const table of ["timeline", "samples"]) {
      expect(await written(files, table)).toEqual(await written(whole, table));
    }
  });

  test("knows no other protocol", async () => {
    const task = datasetTask(
      "samples",
      config("guess"),
      await inputs({ interactions: [], cuts: [] }),
    );
    await expect(makeSamples(task, context())).rejects.toThrow(/protocol/);
  });
});

describe("makeContexts", () => {
  test("cuts both tables into parts of partRows by id; the choice does not depend on the parts", async () => {
    const timeline = [1, 2, 3, 4, 5].flatMap((user_id) =>
      [1, 2, 3].map((rn) => ({
        user_id,
        rn,
        item_id: rn === 3 ? 9 : rn,
        rating: 5,
        label: 1,
        ts: at(1, rn),
        history_rn: rn - 1,
        role: rn === 3 ? "train" : "context",
      })),
    );
    const items = [9, 1, 2, 8].map((item_id) => ({ item_id, title: "Film", attributes: {} }));
    const tables = await inputs({ timeline, items });
    const run = async (partRows: number) => {
      const contexts = { history: 2, seed: 1, partRows };
      const files = await makeContexts(datasetTask("contexts", { contexts }, tables), context());
      return {
        users: await written(files, "user_contexts"),
        items: await written(files, "item_contexts"),
      };
    };
    const parts = await run(2);
    expect(parts.users.map((rows) => rows.map((row) => row["user_id"]))).toEqual([
      [1, 2],
      [3, 4],
      [5],
    ]);
    expect(parts.items.map((rows) => rows.map((row) => row["item_id"]))).toEqual([
      [1, 2],
      [8, 9],
    ]);
    const whole = await run(100);
    expect(whole.users).toEqual([parts.users.flat()]);
    expect(whole.items).toEqual([parts.items.flat()]);
    expect(whole.items[0]?.[3]).toMatchObject({ item_id: 9, liker_items: [1, 2] });
  });
});

describe("auditTables", () => {
  const sample = {
    user_id: 1,
    rn: 3,
    item_id: 30,
    rating: 5,
    label: 1,
    ts: at(2),
    split: "test",
    history_items: [10],
    history_ratings: [4],
  };
  const before = { user_id: 1, item_id: 10, rating: 4, label: 1, ts: at(1), file_row: 0 };
  const config = { protocol: "leakfree", audits: auditsAfter("samples") };

  test("writes what each audit is about and how many rows it judged", async () => {
    const tables = await inputs({ samples: [sample], interactions: [before] });
    const files = await auditTables(datasetTask("audits", config, tables), context());
    const [rows = []] = await written(files, "audits");
    expect(
      rows.map(({ audit, rows_checked, violations }) => [audit, rows_checked, violations]),
    ).toEqual([
      ["history_before_row", 1, 0],
      ["splits_in_time_order", 1, 0],
    ]);
    expect(rows[0]?.["about"]).toBe(
      "every event in a sample's history lies before the sample's own event.",
    );
  });

  test("stops at an audit that finds rows, showing them", async () => {
    const tables = await inputs({ samples: [sample], interactions: [{ ...before, ts: at(2) }] });
    const attempt = auditTables(datasetTask("audits", config, tables), context());
    await expect(attempt).rejects.toMatchObject({
      code: "AUDIT_FAILED",
      message:
        "leak audit history_before_row (leakfree): every event in a sample's history lies before the sample's own event. " +
        "These rows break it:\n" +
        '  {"user_id":1,"rn":3,"item_id":10,"ts":"2000-01-02T00:00:00.000Z","event_ts":"2000-01-02T00:00:00.000Z"}',
    });
  });

  test("shows the source's ids where a dictionary numbers them", async () => {
    const { item_dictionary = [], ...tables } = await inputs({
      samples: [sample],
      interactions: [{ ...before, ts: at(2) }],
      item_dictionary: [{ item_id: 10, source_id: "tt1" }],
    });
    const manifest = {
      stage: "ingest",
      key: "",
      inputs: [],
      outputs: [],
      tasks: 1,
      taskSeconds: 0,
    };
    const path = "tables/item_dictionary.parquet";
    await mkdir(join(runDir, "tables"), { recursive: true });
    await rename(join(runDir, item_dictionary[0]?.path ?? ""), join(runDir, path));
    const files = [fileRef(runDir, "item_dictionary", path, 1)];
    await writeStageManifest(runDir, { ...manifest, files });
    const attempt = auditTables(datasetTask("audits", config, tables), context());
    await expect(attempt).rejects.toThrow('{"user_id":1,"rn":3,"item_id":"tt1","ts":');
  });

  test("goes through buckets of users, and checks that all of them together have every split", async () => {
    const of = async (bucket: number, ts: Date): Promise<Catalog> => {
      const tables = await inputs({
        samples: [{ ...sample, user_id: bucket }],
        interactions: [{ ...before, user_id: bucket, ts }],
      });
      const entries = Object.entries(tables).map(async ([table, parts]) => {
        const path = `${table}-of-${bucket}.parquet`;
        await rename(join(runDir, parts[0]?.path ?? ""), join(runDir, path));
        return [table, parts.map((part) => ({ ...part, path, bucket }))] as const;
      });
      return Object.fromEntries(await Promise.all(entries));
    };
    const audit = (...buckets: readonly Catalog[]) => {
      const all = (table: string) => buckets.flatMap((tables) => tables[table] ?? []);
      const tables = { samples: all("samples"), interactions: all("interactions") };
      return auditTables(datasetTask("audits", config, tables), context());
    };
    const [good, bad] = [await of(1, at(1)), await of(2, at(2))];
    await expect(audit(good, bad)).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringMatching(/^protocol leakfree leaves no train rows/) as unknown,
    });
    const within = { ...config, audits: ["history_before_row"] };
    const task = datasetTask("audits", within, {
      samples: [...(good["samples"] ?? []), ...(bad["samples"] ?? [])],
      interactions: [...(good["interactions"] ?? []), ...(bad["interactions"] ?? [])],
    });
    await expect(auditTables(task, context())).rejects.toMatchObject({
      code: "AUDIT_FAILED",
      message: expect.stringContaining('{"user_id":2,"rn":3') as unknown,
    });
  });

  test("every audit runs after one stage", () => {
    const after = (["samples", "contexts", "stats"] as const).flatMap(auditsAfter);
    expect([...after].sort()).toEqual([...auditNames].sort());
    expect(new Set(after).size).toBe(auditNames.length);
  });
});
