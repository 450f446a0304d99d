import { FlowError } from "../../base/errors.ts";
import { unlimitedMemory } from "../../base/memory-budget.ts";
import type { Database } from "../../tables/database.ts";
import { readBatches } from "../../tables/read-batches.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { float32ListColumn, int32Column } from "../../tables/arrow-columns.ts";
import type { DenseIndex } from "./dense-index.ts";
import { vectorsNeed } from "./vectors-need.ts";

/** Knowledge vectors of users or items, by dense id. Joined to samples when batches are filled, never copied into them. */
export interface VectorTable {
  /** Numbers per vector. */
  readonly width: number;
  /** Row 0 and rows of subjects without a vector are zeros. Shape `[size + 1, width]`. */
  readonly values: Float32Array;
  /** 1 for subjects with a vector. Shape `[size + 1]`. */
  readonly isPresent: Uint8Array;
  /** Names of the encoders that made the vectors, if the table has them; absent for permuted or random vectors. */
  readonly encoder?: string;
}

/** A model's vectors; a side that its variant does not read is absent. */
export interface Knowledge {
  readonly user?: VectorTable;
  readonly item?: VectorTable;
}

/** The statement that reads each table of vectors. */
const statements = {
  user_embeddings: "train/user_vectors",
  item_embeddings: "train/item_vectors",
  user_stats: "train/user_stat_vectors",
  item_stats: "train/item_stat_vectors",
} as const;
export type VectorTableName = keyof typeof statements;

/**
 * Reads the vectors of a table's view. Subjects that are not in `index` are skipped.
 *
 * @throws `INPUT_INVALID` for an empty table, vectors of different widths, and non-finite numbers
 */
export async function loadVectors(
  db: Database,
  table: VectorTableName,
  index: DenseIndex,
  budget = unlimitedMemory,
): Promise<VectorTable> {
  const isPresent = new Uint8Array(index.size + 1);
  let width = 0;
  let values = new Float32Array(0);
  // Small batches: a row may be thousands of numbers wide.
  for await (const batch of readBatches(db, sqlFile(statements[table]), { batchRows: 2048 })) {
    const vectors = float32ListColumn(batch, "vector");
    for (const [row, id] of int32Column(batch, "id").entries()) {
      const vector = vectors.values.subarray(vectors.offsets[row], vectors.offsets[row + 1]);
      if (width === 0) {
        width = vector.length;
        budget.take(vectorsNeed(table, index.size, width));
        values = new Float32Array((index.size + 1) * width);
      }
      checkVector(
        vector,
        width,
        `${table}: the vector of ${table.startsWith("user") ? "user" : "item"} ${id}`,
      );
      const dense = index.get(id);
      if (dense === 0) continue;
      values.set(vector, dense * width);
      isPresent[dense] = 1;
    }
  }
  if (width === 0) {
    throw new FlowError(
      "INPUT_INVALID",
      `${table}: there are no vectors; run the earlier stages first`,
    );
  }
  return { width, values, isPresent };
}

/**
 * Counts the rows whose subject has a vector.
 *
 * @param subjects - Dense ids; shape `[rows]`
 */
export function countCovered(subjects: Int32Array, { isPresent }: VectorTable): number {
  let covered = 0;
  for (const subject of subjects) covered += isPresent[subject] ?? 0;
  return covered;
}

function checkVector(vector: Float32Array, width: number, whose: string): void {
  if (vector.length !== width || width === 0) {
    throw new FlowError(
      "INPUT_INVALID",
      `${whose} has ${vector.length} numbers, the first vector has ${width}; encode all texts with one encoder`,
    );
  }
  const bad = vector.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new FlowError(
      "INPUT_INVALID",
      `${whose} holds ${vector[bad] ?? 0} at place ${bad + 1}; encode this text again`,
    );
  }
}
