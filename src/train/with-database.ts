import type { TaskContext } from "../flow/task.ts";
import { openDatabase, type Database } from "../tables/database.ts";

/** Runs `use` on a database with the task's threads and memory, and closes it whatever happens. */
export async function withDatabase<T>(
  { threads, memoryMb, tempDir }: Pick<TaskContext, "threads" | "memoryMb" | "tempDir">,
  use: (db: Database) => Promise<T>,
): Promise<T> {
  const db = await openDatabase({ threads, memoryMb, tempDir });
  try {
    return await use(db);
  } finally {
    db.close();
  }
}
