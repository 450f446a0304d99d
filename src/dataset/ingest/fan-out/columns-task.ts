import type { RunTask } from "../../../flow/task.ts";
import { quote } from "../../../tables/quote.ts";
import { writeQuery } from "../../../tables/write-query.ts";
import { columnTypes } from "../../sources/files/open-files.ts";
import { refuseManyFiles } from "../../sources/files/open-interactions.ts";
import { wantedColumns } from "../../sources/files/columns/wanted-columns.ts";
import { withSource } from "./with-source.ts";

/**
 * Looks at the columns of all files of the interactions: `ingest_columns`. Reads no rows.
 *
 * @throws `INPUT_INVALID` for a file that lacks a column or cannot be read
 */
export const columns: RunTask = (task, context) =>
  withSource(task, context, async (db, { settings, files: { interactions: files } }) => {
    refuseManyFiles(files);
    const types = await columnTypes(db, { ...settings, files, columns: wantedColumns(settings) });
    const rows = types.map((type, place) => `(${place}, ${quote(type)})`);
    const sql = `select place::integer as place, type::varchar as type from (values ${rows.join(", ")}) as types(place, type)`;
    return [await writeQuery(db, "ingest_columns", sql, {}, context)];
  });
