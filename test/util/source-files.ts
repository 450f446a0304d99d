import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { quote } from "../../src/tables/quote.ts";
import type { MemoryDatabase } from "./memory-database.ts";

/** Writes a file into the folder `in` of a test, and returns its path. */
export async function textFile(
  memory: MemoryDatabase,
  name: string,
  lines: readonly string[],
): Promise<string> {
  const path = await placeOf(memory, name);
  await writeFile(path, `${lines.join("\n")}\n`);
  return path;
}

/** Writes the rows of a query as Parquet, in their order, into the folder `in`, and returns its path. */
export async function parquetFile(
  memory: MemoryDatabase,
  name: string,
  sql: string,
): Promise<string> {
  const path = await placeOf(memory, name);
  await memory.db.run(`copy (${sql}) to ${quote(path)} (format parquet)`);
  return path;
}

async function placeOf({ dir }: MemoryDatabase, name: string): Promise<string> {
  const path = join(dir, "in", name);
  await mkdir(dirname(path), { recursive: true });
  return path;
}
