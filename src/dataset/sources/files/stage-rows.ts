import type { Database } from "../../../tables/database.ts";
import { plainParquet } from "../../../tables/plain-parquet.ts";
import { quote, quoteName } from "../../../tables/quote.ts";
import type { SourceSite } from "../source.ts";

/** Writes the result of a query that is read several times or costly to compute to Parquet in `tempDir`, and creates a view of it. */
export async function stageRows(
  db: Database,
  view: string,
  select: string,
  { tempDir }: Pick<SourceSite, "tempDir">,
): Promise<void> {
  const path = `${tempDir}/${view}.parquet`;
  await copyToParquet(db, select, path);
  await db.run(
    `create or replace view ${quoteName(view)} as select * from ${plainParquet([path])}`,
  );
}

/** Writes the result of a query to a temporary Parquet file. */
export async function copyToParquet(db: Database, select: string, path: string): Promise<void> {
  await db.run(
    `copy (${select}) to ${quote(path)} (format parquet, compression zstd, compression_level 1)`,
  );
}
