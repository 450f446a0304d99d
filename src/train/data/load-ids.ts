import type { Database } from "../../tables/database.ts";
import { readBatches } from "../../tables/read-batches.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { int32Column } from "../../tables/arrow-columns.ts";

/** Reads a whole INTEGER column of a query. */
export async function loadIds(db: Database, query: string, column: string): Promise<Int32Array> {
  const pieces: Int32Array[] = [];
  for await (const batch of readBatches(db, sqlFile(query))) {
    pieces.push(int32Column(batch, column));
  }
  const ids = new Int32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    ids.set(piece, offset);
    offset += piece.length;
  }
  return ids;
}
