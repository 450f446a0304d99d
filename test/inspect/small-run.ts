import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withRun } from "../../src/inspect/with-run.ts";
import { quote } from "../../src/tables/quote.ts";
import { openDatabase, type Database } from "../../src/tables/database.ts";
import { fileRef } from "../util/file-ref.ts";

export interface SmallRun {
  readonly runDir: string;
  readonly db: Database;
  readonly close: () => Promise<void>;
}

/** A run folder with two users, one of them in a separate part, and an empty table; open until `close`. */
export async function openSmallRun(): Promise<SmallRun> {
  const runDir = await mkdtemp(join(tmpdir(), "r4ec-test-"));
  await mkdir(join(runDir, "tables"));
  await writeFile(join(runDir, "pipeline.yaml"), "name: small\n");
  const writer = await openDatabase({ threads: 1, memoryMb: 256, tempDir: join(runDir, "tmp") });
  for (const [id, gender] of Object.entries({ 1: "F", 2: "M", 3: "F" })) {
    await writer.run(
      `copy (select ${id}::integer as user_id, map {'gender': ['${gender}']} as attributes)
       to ${quote(join(runDir, "tables", `${id}.parquet`))} (format parquet)`,
    );
  }
  writer.close();
  // The third part lies there, but no manifest names it.
  const users = ["1", "2"].map((id) => fileRef(runDir, "users", `tables/${id}.parquet`, 1));
  const tables = { users, items: [] };
  return new Promise((resolve, reject) => {
    const opened = withRun({ runDir, tables, threads: 1, memoryMb: 256 }, (db) => {
      return new Promise<void>((end) => {
        const close = async (): Promise<void> => {
          end();
          await opened;
          await rm(runDir, { recursive: true, force: true });
        };
        resolve({ runDir, db, close });
      });
    });
    opened.catch(reject);
  });
}
