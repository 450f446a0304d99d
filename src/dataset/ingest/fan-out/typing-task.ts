import type { RunTask } from "../../../flow/task.ts";
import { quote } from "../../../tables/quote.ts";
import { sqlFile } from "../../../tables/sql-file.ts";
import { writeQuery } from "../../../tables/write-query.ts";
import { typingOf, valueAt, type ShowValue } from "../../sources/files/columns/find-typing.ts";
import { roleColumns } from "../../sources/files/columns/wanted-columns.ts";
import { openRaw } from "../../sources/files/open-interactions.ts";
import { fileStep } from "../../sources/files/stage-rows.ts";
import { knownTypes, withSource } from "./with-source.ts";

/**
 * Decides by all values how ids and times are read: `ingest_typing`.
 *
 * @throws `INPUT_INVALID` for times that cannot be told
 */
export const typing: RunTask = (task, context) =>
  withSource(task, context, async (db, { settings, files: { interactions: files } }) => {
    const types = await knownTypes(db);
    const forms = await db.rows(sqlFile("source/merged_forms"));
    const showValue: ShowValue = async (column, fileRow) => {
      const file = files[Math.floor(fileRow / fileStep)];
      if (file === undefined) throw new Error(`internal: no file of row ${fileRow}`);
      const { rows } = await openRaw(db, {
        ...{ files: [file], settings, site: context, known: { types } },
      });
      return valueAt(db, { ...column, rows }, fileRow % fileStep);
    };
    const found = await typingOf(forms, {
      ...{ settings, roles: roleColumns(settings, types), files, showValue },
    });
    const sql =
      `select ${quote(found.user)}::varchar as user_ids, ${quote(found.item)}::varchar as item_ids, ` +
      `${quote(JSON.stringify(found.time))}::varchar as time_reading`;
    return [await writeQuery(db, "ingest_typing", sql, {}, context)];
  });
