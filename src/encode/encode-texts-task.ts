import type { RunTask } from "../flow/task.ts";
import { mountTables } from "../tables/mount-tables.ts";
import { namesIn } from "../tables/source-ids/source-names.ts";
import { sqlFile } from "../tables/sql-file.ts";
import { withDatabase } from "../tables/database.ts";
import { vectorBatch } from "./vectors/embedding-batch.ts";
import { joinEncodeSettings } from "./settings.ts";
import { spendingOf } from "./spending.ts";
import { givenTextLimit } from "./text-errors.ts";
import { writeVectors } from "./vectors/write-vectors.ts";

/** Encodes a part of `texts` into `vectors`; several texts of one id give their mean. */
export const encodeTexts: RunTask = async (task, context) => {
  const settings = joinEncodeSettings(task);
  return withDatabase(context, async (db) => {
    await mountTables(db, task.inputs, context.runDir);
    return writeVectors(
      db,
      {
        texts: sqlFile("encode/given_texts"),
        table: "vectors",
        settings,
        spending: spendingOf(task),
        nameIds:
          (task.inputs["text_ids"] ?? []).length > 0
            ? namesIn(db, "text_ids", { id: "subject_id", name: "id" })
            : () => Promise.resolve(String),
        nameSubject: (name) => `the text of id ${name}`,
        batchOf: vectorBatch,
        limit: givenTextLimit(settings),
        calls: {
          table: "text_requests",
          rowOf: (id, sample, { refusal, attempts }) => ({
            ...{ id, sample, attempts },
            status: refusal?.status ?? "ok",
            error: refusal?.reason ?? null,
          }),
        },
      },
      context,
    );
  });
};
