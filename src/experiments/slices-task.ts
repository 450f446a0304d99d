import { z } from "zod";
import type { RunTask } from "../flow/task.ts";
import { withDatabase, type Database, type Row } from "../tables/database.ts";
import { mountTables } from "../tables/mount-tables.ts";
import { readBatches } from "../tables/read-batches.ts";
import { sqlFile } from "../tables/sql-file.ts";
import { writeBatches } from "../tables/write-batches.ts";
import { float32Column, int8Column } from "../tables/arrow-columns.ts";
import { bucketsOf, scoreBuckets, type ScoredRows } from "../metrics/bucket-scores.ts";
import { rowBatches } from "../tables/row-batches.ts";

const model = z.object({
  backbone: z.string(),
  variant: z.string(),
  trial: z.number(),
  seed: z.number(),
});

/**
 * Scores trained models on parts of the test split: by how often training saw the item, and by how often it saw the user.
 *
 * No config. Reads samples and predictions, writes slices.
 */
export const slice: RunTask = (task, context) =>
  withDatabase(context, async (db) => {
    await mountTables(db, task.inputs, context.runDir);
    const rows: Row[] = [];
    for (const one of z
      .array(model)
      .parse(await db.rows(sqlFile("experiments/predicting_models")))) {
      const { items, users, ...scored } = await loadBuckets(db, one);
      const slices = { items, users };
      for (const name of ["items", "users"] as const) {
        for (const score of scoreBuckets(scored, slices[name], bucketsOf[name])) {
          const { logLoss, ...rest } = score;
          rows.push({ ...one, slice: name, ...rest, logloss: logLoss });
        }
      }
    }
    const batches = rowBatches("slices", rows.length, (row) => rows[row] ?? {});
    return [await writeBatches(db, "slices", batches, context)];
  });

/** A model's test rows with their items' and users' buckets; shape `[rows]` each. */
interface BucketedRows extends ScoredRows {
  readonly items: Int8Array;
  readonly users: Int8Array;
}

async function loadBuckets(db: Database, params: z.infer<typeof model>): Promise<BucketedRows> {
  const batches = [];
  let rows = 0;
  for await (const batch of readBatches(db, sqlFile("experiments/bucketed_predictions"), {
    params,
  })) {
    batches.push(batch);
    rows += batch.numRows;
  }
  const read = {
    probabilities: new Float32Array(rows),
    labels: new Int8Array(rows),
    items: new Int8Array(rows),
    users: new Int8Array(rows),
  };
  let start = 0;
  for (const batch of batches) {
    read.probabilities.set(float32Column(batch, "probability"), start);
    read.labels.set(int8Column(batch, "label"), start);
    read.items.set(int8Column(batch, "item_bucket"), start);
    read.users.set(int8Column(batch, "user_bucket"), start);
    start += batch.numRows;
  }
  return read;
}
