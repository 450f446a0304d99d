/** @file Small files for tests that load them. */
import { join } from "node:path";
import { quote } from "../../../../src/tables/quote.ts";
import { makeFolder } from "../../../util/hand-made-task.ts";
import type { MemoryDatabase } from "../../../util/memory-database.ts";

/** The columns of {@link csv}, as settings name them. */
export const columns = { user: "u", item: "i", time: "t", rating: "r" };

/** The text of a CSV file of these lines. */
export const csv = (...lines: readonly string[]): string => ["u,i,t,r", ...lines, ""].join("\n");

/** Writes files into the folder `in` of a test. */
export function inputFiles(memory: MemoryDatabase) {
  return {
    file: async (name: string, content: string | Uint8Array): Promise<string> =>
      join(await makeFolder(join(memory.dir, "in"), { [name]: content }), name),
    /** Writes the rows of a query as Parquet, in their order. */
    parquet: async (name: string, sql: string): Promise<string> => {
      const path = join(await makeFolder(join(memory.dir, "in"), {}), name);
      await memory.db.run(`copy (${sql}) to ${quote(path)} (format parquet)`);
      return path;
    },
  };
}
