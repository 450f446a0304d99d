import { z } from "zod";
import type { Database } from "../../../tables/database.ts";
import { sqlFile } from "../../../tables/sql-file.ts";
import { splitNames, type SplitName } from "../sample-split.ts";

/** The rows that a split has in a stretch of a part of `samples`; never none. */
export interface Chunk {
  /** Absolute path of the part. */
  readonly part: string;
  /** Place of the stretch's first row in the part, from 0. */
  readonly firstRow: number;
  readonly rows: number;
}

/** Rows of a row group as DuckDB writes them: a stretch that is read by itself without reading others. */
const rowGroupRows = 122_880;

/** Rows of a part, of whatever split, that chunks are cut from: row groups, or less where a window would not hold several. */
export function stretchRows(windowRows: number): number {
  return Math.max(1, Math.min(rowGroupRows, Math.floor(windowRows / 8)));
}

const chunkRow = z.object({ split: z.enum(splitNames), first_row: z.int(), rows: z.int() });

/**
 * Cuts the parts of `samples` into stretches and counts what each split has there.
 *
 * @param parts - Absolute paths
 * @param stretch - Rows of a stretch, see {@link stretchRows}
 * @returns Each split's chunks in the order of the parts
 */
export async function loadChunks(
  db: Database,
  parts: readonly string[],
  stretch: number,
): Promise<Readonly<Record<SplitName, readonly Chunk[]>>> {
  const chunks: Record<SplitName, Chunk[]> = { train: [], valid: [], test: [] };
  for (const part of parts) {
    const counted = await db.rows(sqlFile("train/part_chunks"), { part, stretch_rows: stretch });
    for (const { split, first_row: firstRow, rows } of z.array(chunkRow).parse(counted)) {
      chunks[split].push({ part, firstRow, rows });
    }
  }
  return chunks;
}
