import { FlowError, reasonOf } from "../../../base/errors.ts";
import type { Database } from "../../../tables/database.ts";
import { isRemote, type SourceFile } from "./find-files.ts";

/**
 * Makes URLs readable by DuckDB's extension httpfs, where any file is one. It is loaded, never downloaded.
 *
 * @throws `DEPENDENCY_MISSING` naming the cure
 */
export async function loadRemote(db: Database, files: readonly SourceFile[]): Promise<void> {
  const remote = files.find(({ path }) => isRemote(path));
  if (remote === undefined) return;
  try {
    await db.run("load httpfs");
  } catch (error) {
    const [version] = await db.rows("select version() as version");
    throw new FlowError(
      "DEPENDENCY_MISSING",
      `${remote.path}: DuckDB's extension httpfs is needed to read URLs and cannot be loaded (${reasonOf(error).split("\n")[0] ?? ""}). ` +
        `Run "install httpfs" once in a DuckDB ${String(version?.["version"])} of this user, with access to the internet, or download the files and give their paths.`,
      { cause: error },
    );
  }
}
