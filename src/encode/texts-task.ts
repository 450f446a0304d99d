import { z } from "zod";
import { FlowError } from "../base/errors.ts";
import type { RunTask } from "../flow/task.ts";
import { waitForAll } from "../base/wait-for-all.ts";
import { type Database, withDatabase } from "../tables/database.ts";
import { quoteName } from "../tables/quote.ts";
import { sqlFile } from "../tables/sql-file.ts";
import { refuseLostIds } from "../tables/source-ids/refuse-lost-ids.ts";
import { idText, plainNumber } from "../tables/source-ids/id-text.ts";
import { wholeNumber } from "../tables/source-ids/source-ids.ts";
import { unreadableFile } from "../tables/files/read-fault.ts";
import { openTableFile } from "../tables/files/table-file.ts";
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
 * @throws `INPUT_INVALID` naming file, row and cure when a row has no id or no text
 */
export const takeTexts: RunTask = async (task, context) => {
  const columns = textsConfig.parse(task.config);
  const { file } = textsRuntime.parse(task.runtime);
  return withDatabase(context, async (db) => {
    const isNumbered = await loadTexts(db, file, columns);
    await refuseFaults(db, file, columns);
    const ranges = await db.rows(sqlFile("encode/text_ranges"), { part_texts: partTexts });
    const part = sqlFile("encode/text_part");
    const ids = "select distinct subject_id, id from given";
    return await waitForAll([
      ...ranges.map((range) => {
        const params = { first_id: Number(range["first_id"]), last_id: Number(range["last_id"]) };
        return writeQuery(db, "texts", part, params, context);
      }),
      ...(isNumbered ? [writeQuery(db, "text_ids", ids, {}, context)] : []),
    ]);
  });
};

/**
 * Creates the table `given(row, id, subject_id, text)`, in order of ids.
 *
 * @returns Whether `subject_id` numbers the ids, because not all are 32-bit integers
 */
async function loadTexts(
  db: Database,
  file: string,
  { id, text }: { readonly id: string; readonly text: string },
): Promise<boolean> {
  const { source, columns } = await openTableFile(db, file, [id]);
  const idType = columns.find(({ name }) => name === id)?.type ?? "";
  await db.run("set preserve_insertion_order = true"); // rows are numbered as the file has them
  try {
    await db.run(
      `create table as_given as
         select row_number() over () as row, nullif(${idText(id, idType)}, '') as id,
           cast(${quoteName(text)} as varchar) as text
         from ${source}`,
    );
  } catch (error) {
    throw unreadableFile(file, error);
  }
  const ids = { column: quoteName(id), type: idType, text: `${file}: column ${id}` };
  await refuseLostIds(db, { from: source, ...ids });
  const integer = wholeNumber("id");
  // 007 is a text: the integer 7 is another id.
  const [found] = await db.rows(
    `select 1 from as_given where id is not null and cast(${integer} as varchar) is distinct from ${plainNumber("id")} limit 1`,
  );
  const isNumbered = found !== undefined;
  const number = isNumbered ? "cast(dense_rank() over (order by id) as integer)" : integer;
  await db.run(
    `create table given as select row, id, ${number} as subject_id, text from as_given order by subject_id, row`,
  );
  return isNumbered;
}

async function refuseFaults(
  db: Database,
  file: string,
  { id, text }: { readonly id: string; readonly text: string },
): Promise<void> {
  const [found] = await db.rows(`select * from (\n${sqlFile("encode/text_faults")}\n) limit 1`);
  if (found === undefined) return;
  const where = `${file}, row ${String(found["row"])}`;
  const faults: Readonly<Record<string, string>> = {
    "no id": `there is no ${id}; fill it in or leave the row out`,
    "no text": `${text} of ${id} ${String(found["id"])} is empty; leave the row out`,
  };
  throw new FlowError("INPUT_INVALID", `${where}: ${faults[String(found["fault"])] ?? ""}`);
}
