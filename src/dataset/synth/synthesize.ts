import { rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { FlowError } from "../../base/errors.ts";
import { syncFile } from "../../base/files/durable-file.ts";
import { withTemporaryFolder } from "../../base/files/temporary-folder.ts";
import { type Database, type SqlParams, withDatabase } from "../../tables/database.ts";
import { requireReplaceable } from "../../tables/earlier-output.ts";
import { quote } from "../../tables/quote.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { defineDraw } from "./draw-macro.ts";

/** Default number of rows per file. */
const fileRows = 10_000_000;

/** Four rows per visit, and visits are numbered in 32 bits. */
const mostRows = 4 * 2 ** 32;

/** From 2015-01-01 to the end of 2019, microseconds. */
const spanUs = 1826 * 86_400_000_000;

export interface SynthesizeOptions {
  readonly rows: number;
  readonly users: number;
  /** At least 2. */
  readonly items: number;
  readonly seed: number;
  /** Files to write the interactions to, in order. Default: one per 10 million rows. */
  readonly files?: number;
  /** Folder to write to; created if missing. Absolute. */
  readonly outDir: string;
  readonly threads: number;
  /** MiB. */
  readonly memoryMb: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: {
    readonly rowsDone: number;
    readonly rowsTotal: number;
  }) => void;
}

/** Absolute paths of the written files. */
export interface SynthesizedFiles {
  readonly interactions: readonly string[];
  readonly items: string;
}

/**
 * Writes a made-up log as Parquet files `interactions-00000.parquet` and so on, with `items.parquet` beside them: skewed, in order of
 * time, with ties, and with stars that items, users and genres partly explain. See sql/synth for the recipe.
 *
 * A row depends only on its number, the seed and the sizes: only the current file is kept in memory, and equal options give equal files.
 *
 * @throws `CONFIG_INVALID` for impossible sizes
 */
export async function synthesize(options: SynthesizeOptions): Promise<SynthesizedFiles> {
  const { rows, users, items, seed, outDir } = options;
  const files = options.files ?? Math.ceil(rows / fileRows);
  requireWithin("rows", rows, 1, mostRows);
  requireWithin("users", users, 1, 2 ** 31 - 1);
  requireWithin("items", items, 2, 2 ** 31 - 1);
  requireWithin("seed", seed, 0, 2 ** 32 - 1);
  requireWithin("files", files, 1, Math.min(rows, 100_000));
  return withTemporaryFolder(
    "synth",
    (tempDir) =>
      withDatabase({ ...options, tempDir }, (db) => writeLog(db, options, { files, tempDir })),
    outDir,
  );
}

async function writeLog(
  db: Database,
  { rows, users, items, seed, outDir, onProgress }: SynthesizeOptions,
  { files, tempDir }: { readonly files: number; readonly tempDir: string },
): Promise<SynthesizedFiles> {
  /** Writes the result of a statement to a file that appears only when complete. */
  const writeWhole = async (statement: string, params: SqlParams, path: string): Promise<void> => {
    const attempt = join(tempDir, basename(path));
    await db.run(
      `copy (\n${sqlFile(statement)}\n) to ${quote(attempt)} (format parquet, compression zstd, compression_level 1)`,
      params,
    );
    await syncFile(attempt);
    await rename(attempt, path);
  };
  // Makes the files reproducible.
  await db.run("set preserve_insertion_order = true");
  await defineDraw(db);
  const itemsPath = join(outDir, "items.parquet");
  await requireReplaceable(db, itemsPath, ["item_id", "title", "genre", "studio"]);
  for (let file = 0; file < files; file++) {
    await requireReplaceable(db, logPath(outDir, file), ["user_id", "item_id", "ts", "rating"]);
  }
  await writeWhole("synth/items", { items, seed }, itemsPath);
  const visit_us = Math.floor(spanUs / Math.ceil(rows / 4));
  const paths: string[] = [];
  for (let file = 0; file < files; file++) {
    const first = Math.floor((rows * file) / files);
    const end = Math.floor((rows * (file + 1)) / files);
    const path = logPath(outDir, file);
    await writeWhole("synth/interactions", { first, end, users, items, seed, visit_us }, path);
    paths.push(path);
    onProgress({ rowsDone: end, rowsTotal: rows });
  }
  return { interactions: paths, items: itemsPath };
}

function logPath(outDir: string, file: number): string {
  return join(outDir, `interactions-${String(file).padStart(5, "0")}.parquet`);
}

function requireWithin(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new FlowError(
    "CONFIG_INVALID",
    `--${name}: expected a whole number from ${least} to ${most}, got ${value}`,
  );
}
