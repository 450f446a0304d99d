import { z } from "zod";
import type { Database } from "../../../tables/database.ts";
import { literalPattern } from "../../../tables/files/literal-path.ts";
import { sqlFile } from "../../../tables/sql-file.ts";
import { splitNames, type SplitName } from "../sample-split.ts";

/** A split's rows in one stretch of a part of `samples`; never empty. */
export interface Chunk {
  /** Absolute path of the part. */
  readonly part: string;
  /** Index of the stretch's first row in the part, from 0. */
  readonly firstRow: number;
  readonly rows: number;
}

/** Rows per row group as DuckDB writes them: the smallest stretch that can be read without reading others. */
const rowGroupRows = 122_880;

/** Rows per stretch, of any split: a row group, or less if a window could not hold several. */
export function stretchRows(windowRows: number): number {
  return Math.max(1, Math.min(rowGroupRows, Math.floor(windowRows / 8)));
}

const chunkRow = z.object({ split: z.enum(splitNames), first_row: z.int(), rows: z.int() });

/**
 * Cuts the parts of `samples` into stretches and counts each split's rows in them.
 *
 * @param parts - Absolute paths
 * @param stretch - Rows per stretch, see {@link stretchRows}
 * @returns Each split's chunks in the order of the parts
 */
export async function loadChunks(
  db: Database,
  parts: readonly string[],
  stretch: number,
): Promise<Readonly<Record<SplitName, readonly Chunk[]>>> {
  const chunks: Record<SplitName, Chunk[]> = { train: [], valid: [], test: [] };
  for (const part of parts) {
    const counted = await db.rows(sqlFile("train/part_chunks"), {
      part: literalPattern(part),
      stretch_rows: stretch,
    });
    for (const { split, first_row: firstRow, rows } of z.array(chunkRow).parse(counted)) {
      chunks[split].push({ part, firstRow, rows });
    }
  }
  return chunks;
}
