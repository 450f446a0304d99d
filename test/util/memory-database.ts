import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { openDatabase, type Database } from "../../src/tables/database.ts";

/** The database and the temporary folder of the test that is running. */
export interface MemoryDatabase {
  readonly db: Database;
  readonly dir: string;
}

/** Gives every test of the file an in-memory database and an empty folder of its own; both are gone after it. */
export function useMemoryDatabase(): MemoryDatabase {
  let current: MemoryDatabase | undefined;
  beforeEach(async () => {
    const dir = await mkdtemp(join(tmpdir(), "r4ec-test-"));
    const db = await openDatabase({ threads: 1, memoryMb: 512, tempDir: join(dir, "spill") });
    current = { db, dir };
  });
  afterEach(async () => {
    if (current === undefined) return;
    current.db.close();
    await rm(current.dir, { recursive: true, force: true });
    current = undefined;
  });
  const now = (): MemoryDatabase => {
    if (current === undefined) throw new Error("no test is running");
    return current;
  };
  return {
    get db() {
      return now().db;
    },
    get dir() {
      return now().dir;
    },
  };
}
