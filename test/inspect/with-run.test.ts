import { mkdir, rename, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { queryRun } from "../../src/inspect/sql/query-run.ts";
import { withRun } from "../../src/inspect/with-run.ts";
import { quote } from "../../src/tables/quote.ts";
import { fileRef } from "../util/file-ref.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

/** Writes a table of one row and reads it back as `r4ec sql` does. */
async function readBack(
  runDir: string,
  move: (path: string) => Promise<string> = (path) => Promise.resolve(path),
): Promise<unknown> {
  const path = "tables/users/part-00000.0123abcd.parquet";
  const file = join(runDir, path);
  await mkdir(dirname(file), { recursive: true });
  await memory.db.run(`copy (select 3 as user_id) to ${quote(file)} (format parquet)`);
  const open = await move(runDir);
  const tables = { users: [fileRef(open, "users", path, 1)] };
  return withRun({ runDir: open, tables, threads: 1, memoryMb: 256 }, async (db) => {
    const { blocks } = await queryRun(db, "from users");
    const rows = [];
    for await (const block of blocks) rows.push(...block);
    const outside = quote(join(memory.dir, "elsewhere.parquet"));
    await expect(db.rows(`from read_parquet(${outside})`)).rejects.toThrow(/disabled|Permission/);
    return rows;
  });
}

describe("withRun", () => {
  test.each(["plain", "user_id=7", "[a]", "a*", "a?b", "it's", "new\nline", "a\\[b"])(
    "reads a run below %j, and nothing else",
    async (folder) => {
      expect(await readBack(join(memory.dir, folder, "run"))).toEqual([[3]]);
    },
  );

  test.each(["tables/users/part-00000.0123abcd.parquet", "tables/users", "tables", "."])(
    "reads parts through a symbolic link at %s",
    async (linked) => {
      const moved = join(memory.dir, "moved");
      const rows = await readBack(join(memory.dir, "run"), async (runDir) => {
        await rename(join(runDir, linked), moved);
        await symlink(moved, join(runDir, linked));
        return runDir;
      });
      expect(rows).toEqual([[3]]);
    },
  );
});
