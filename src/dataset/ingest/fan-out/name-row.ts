import type { Database } from "../../../tables/database.ts";
import { wantedColumns } from "../../sources/files/columns/wanted-columns.ts";
import { openFiles } from "../../sources/files/open-files.ts";
import type { FilesSettings } from "../../sources/files/settings.ts";
import { fileStep, placeRows } from "../../sources/files/stage-rows.ts";
import type { SourceFile } from "../../sources/files/find-files.ts";
import type { SourceSite } from "../../sources/source.ts";

interface NameRowOptions {
  readonly settings: FilesSettings;
  /** All files of the interactions. */
  readonly files: readonly SourceFile[];
  /** The type of each column over all files. */
  readonly types: readonly string[];
  readonly site: SourceSite;
}

/** Names rows by their `file_row`, for messages: file and line. Opens the file of each again. */
export function rowNames(
  db: Database,
  { settings, files, types, site }: NameRowOptions,
): (fileRow: number) => Promise<string> {
  return async (fileRow) => {
    const file = files[Math.floor(fileRow / fileStep)];
    if (file === undefined) throw new Error(`internal: no file of row ${fileRow}`);
    const { csv, missingValues } = settings;
    const columns = wantedColumns(settings);
    const opened = await openFiles(db, {
      ...{ view: "named_raw", files: [file], columns, csv, missingValues, site },
      known: { types },
    });
    const select = "select file_index, place, line from named_raw";
    await placeRows(db, { view: "named_rows", select }, opened, site);
    const [row] = await db.rows("select line from named_rows where file_row = $place", {
      place: fileRow % fileStep,
    });
    return `${file.path}: line ${String(row?.["line"])}`;
  };
}
