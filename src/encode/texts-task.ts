import { z } from "zod";
import { FlowError } from "../base/errors.ts";
import type { RunTask } from "../flow/task.ts";
import { waitForAll } from "../base/wait-for-all.ts";
import { type Database, withDatabase } from "../tables/database.ts";
import { quoteName } from "../tables/quote.ts";
import { sqlFile } from "../tables/sql-file.ts";
import { wholeNumber } from "../tables/source-ids/source-ids.ts";
import { openTableFile, unreadable } from "../tables/table-file.ts";
import { writeQuery } from "../tables/write-query.ts";

const textsConfig = z.object({
  id: z.string().describe("Column of the ids."),
  text: z.string().describe("Column of the texts."),
  content: z.string().describe("What the file holds."),
});
const textsRuntime = z.object({ file: z.string().describe("Absolute.") });

/** Texts per part: seconds of work for the bundled encoder, so that all cores stay busy to the end. */
const partTexts = 2048;

/**
 * Imports a file of texts as `texts`, in parts by id.
 *
 * Config `{ id, text, content }`, runtime `{ file }`.
 *
 * @throws `INPUT_INVALID` naming file, row and cure when a row has no integer id or no text
 */
export const takeTexts: RunTask = async (task, context) => {
  const columns = textsConfig.parse(task.config);
  const { file } = textsRuntime.parse(task.runtime);
  return withDatabase(context, async (db) => {
    await loadTexts(db, file, columns);
    await refuseFaults(db, file, columns);
    const ranges = await db.rows(sqlFile("encode/text_ranges"), { part_texts: partTexts });
    const part = sqlFile("encode/text_part");
    return await waitForAll(
      ranges.map((range) => {
        const params = { first_id: Number(range["first_id"]), last_id: Number(range["last_id"]) };
        return writeQuery(db, "texts", part, params, context);
      }),
    );
  });
};

/** Creates the table `given`, in order of ids; `subject_id` is null when the id is no 32-bit integer. */
async function loadTexts(
  db: Database,
  file: string,
  { id, text }: { readonly id: string; readonly text: string },
): Promise<void> {
  const { source } = await openTableFile(db, file);
  await db.run("set preserve_insertion_order = true"); // rows are numbered as the file has them
  try {
    await db.run(
      `create table given as
         select row_number() over () as row, trim(cast(${quoteName(id)} as varchar)) as id,
           ${wholeNumber(`cast(${quoteName(id)} as varchar)`)} as subject_id, cast(${quoteName(text)} as varchar) as text
         from ${source}
         order by subject_id, row`,
    );
  } catch (error) {
    throw unreadable(file, error);
  }
}

async function refuseFaults(
  db: Database,
  file: string,
  { id, text }: { readonly id: string; readonly text: string },
): Promise<void> {
  const [found] = await db.rows(`select * from (\n${sqlFile("encode/text_faults")}\n) limit 1`);
  if (found === undefined) return;
  const where = `${file}, row ${String(found["row"])}`;
  const value = String(found["id"]);
  const faults: Readonly<Record<string, string>> = {
    "no id": `there is no ${id}; fill it in or leave the row out`,
    id: `${id} "${value}" is no 32-bit integer; number the texts with integers`,
    "no text": `${text} of ${id} ${value} is empty; leave the row out`,
  };
  throw new FlowError("INPUT_INVALID", `${where}: ${faults[String(found["fault"])] ?? ""}`);
}
