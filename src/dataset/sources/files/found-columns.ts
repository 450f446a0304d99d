import { describeQuery } from "../../../tables/check-schema.ts";
import type { Database } from "../../../tables/database.ts";
import { csvLayout } from "./text/csv-layout.ts";
import { partitionValues } from "./text/partition-values.ts";
import type { FoundColumn } from "../source-report.ts";
import type { SourceFile } from "./find-files.ts";
import { literalPath } from "../../../tables/files/literal-path.ts";
import type { CsvSettings } from "./settings.ts";

/** The columns of a file. Those of a JSON file are the keys of its first objects; empty where they cannot be detected. */
export async function foundColumns(
  db: Database,
  file: SourceFile,
  csv: CsvSettings,
): Promise<readonly FoundColumn[]> {
  const path = literalPath(file.path);
  switch (file.format) {
    case "parquet": {
      const source = `read_parquet([${path}], hive_partitioning = false)`;
      const folders = [...partitionValues(file.path).keys()];
      return [
        ...(await describeQuery(db, `select * from ${source}`, {})),
        ...folders.map((name) => ({ name, type: "VARCHAR" })),
      ];
    }
    case "csv": {
      const { names } = await csvLayout(db, file, { columns: [], csv });
      return names.map((name) => ({ name, type: "VARCHAR" }));
    }
    case "json":
      return describeQuery(
        db,
        `select * from read_json(${path}, hive_partitioning = false)`,
        {},
      ).catch(() => []);
  }
}
