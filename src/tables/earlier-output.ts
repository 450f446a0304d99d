import { lstat } from "node:fs/promises";
import { FlowError } from "../base/errors.ts";
import { nullIfMissing } from "../base/files/durable-file.ts";
import type { Database } from "./database.ts";
import { openTableFile } from "./files/table-file.ts";

/**
 * Makes sure that a file may be written: there is none, or it is an earlier output, which has the columns that only outputs have.
 *
 * @param path - Absolute
 * @param marks - Columns of every output of this kind
 * @throws `CONFIG_INVALID` when there is anything else, which is left alone
 */
export async function requireReplaceable(
  db: Database,
  path: string,
  marks: readonly string[],
): Promise<void> {
  const found = await lstat(path).catch(nullIfMissing);
  if (found === null) return;
  const columns = found.isFile() ? await columnsOf(db, path) : [];
  if (marks.every((name) => columns.includes(name))) return;
  const what = found.isFile()
    ? `the file is there and is no earlier output (it has no column ${marks.join(", ")})`
    : "it is there and is not a file";
  throw new FlowError(
    "CONFIG_INVALID",
    `--out ${path}: ${what}; it was left as it is. Choose another name, or move it away`,
  );
}

async function columnsOf(db: Database, path: string): Promise<readonly string[]> {
  const table = await openTableFile(db, path).catch(() => null);
  return table?.columns.map(({ name }) => name) ?? [];
}
