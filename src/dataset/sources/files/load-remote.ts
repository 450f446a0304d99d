import { FlowError, reasonOf } from "../../../base/errors.ts";
import type { Database } from "../../../tables/database.ts";
import { isRemote, type SourceFile } from "./find-files.ts";

/**
 * Loads DuckDB's extension httpfs if any file is a URL. It is never downloaded.
 *
 * @throws `DEPENDENCY_MISSING` saying how to install it
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
