import type { RunTask } from "../flow/task.ts";
import { mountTables } from "../tables/mount-tables.ts";
import { sourceNames } from "../tables/source-ids/source-names.ts";
import { sqlFile } from "../tables/sql-file.ts";
import { withDatabase } from "../tables/database.ts";
import { embeddingBatch } from "./vectors/embedding-batch.ts";
import { embeddingRequestRow } from "./remote/embedding-request-row.ts";
import { encodeParams, joinEncodeSettings } from "./settings.ts";
import { spendingOf } from "./spending.ts";
import { textLimit } from "./text-errors.ts";
import { writeVectors } from "./vectors/write-vectors.ts";

/**
 * Encodes the final knowledge texts of each user or item in its input part; several texts give their mean vector.
 * Reads `user_knowledge` or `item_knowledge`, writes `user_embeddings` or `item_embeddings`, as `params.subject` says, and `requests`
 * where a server was asked.
 *
 * @throws FlowError `INPUT_INVALID` naming the subject whose text is empty or gives no finite vector; `TOO_MANY_ERRORS` beyond
 * `encode.maxErrors`
 */
export const encode: RunTask = async (task, context) => {
  const settings = joinEncodeSettings(task);
  const params = encodeParams.parse(task.params);
  const { subject } = params;
  return withDatabase(context, async (db) => {
    await mountTables(db, task.inputs, context.runDir);
    const names = await sourceNames(db, context.runDir);
    return writeVectors(
      db,
      {
        texts: sqlFile(`encode/${subject}_texts`),
        table: `${subject}_embeddings`,
        settings,
        spending: spendingOf(task),
        nameIds: names[subject],
        nameSubject: (name) => `${subject} ${name} (table ${subject}_knowledge)`,
        batchOf: (encoder, vectors) => embeddingBatch(params, encoder, vectors),
        limit: textLimit(settings),
        calls: {
          table: "requests",
          rowOf: (id, sample, call) => embeddingRequestRow(params, id, sample, call),
        },
      },
      context,
    );
  });
};
