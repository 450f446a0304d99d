import { pipeline } from "node:stream/promises";
import type { RecordBatch } from "apache-arrow";
import { FlowError } from "../errors.ts";
import type { RunTask, TaskContext } from "../flow/task.ts";
import { openDatabase } from "../tables/database.ts";
import { mountTables } from "../tables/mount-tables.ts";
import { readBatches } from "../tables/read-batches.ts";
import { sqlFile } from "../tables/sql-file.ts";
import { writeBatches } from "../tables/write-batches.ts";
import { bundledEncoderFolder } from "./bundled-encoder.ts";
import { embeddingBatch } from "./embedding-batch.ts";
import { openEncoder, type Encoder } from "./encoder.ts";
import { meanBySubject } from "./mean-by-subject.ts";
import {
  encodeParams,
  encodeSettings,
  type EncodeParams,
  type EncodeSettings,
} from "./settings.ts";

/** Texts that are sorted by length together, and the rest of the last subject's; a partition has fewer. */
const windowTexts = 16_384;

/**
 * Encodes the final knowledge texts of each user or item of its input part; of several, the vector is their mean.
 * Reads `user_knowledge` or `item_knowledge`, writes `user_embeddings` or `item_embeddings`, as `params.subject` says.
 *
 * @throws FlowError `INPUT_INVALID` naming the subject whose text is empty or gives no vector
 */
export const encode: RunTask = async (task, context) => {
  const settings = encodeSettings.parse(task.config);
  const { subject } = encodeParams.parse(task.params);
  const { signal, threads } = context;
  const encoder = await sharedEncoder(context);
  const db = await openDatabase({ threads, memoryMb: context.memoryMb, tempDir: context.tempDir });
  try {
    await mountTables(db, task.inputs, context.runDir);
    const texts = sqlFile(`encode/${subject}_texts`);
    const [count] = await db.rows(`select count(*) as texts from (${texts})`);
    const reader = textReader(encoder, subject, settings, context, Number(count?.["texts"]));
    const written = await pipeline(
      readBatches(db, texts),
      reader,
      (batches) => writeBatches(db, `${subject}_embeddings`, batches, context),
      { signal },
    );
    return [written];
  } finally {
    db.close();
  }
};

/** The encoder lives as long as the worker: loading it takes longer than many a partition. */
async function sharedEncoder(context: TaskContext): Promise<Encoder> {
  const { cacheDir, threads, shared } = context;
  const folder = await bundledEncoderFolder(cacheDir);
  return shared(`encoder ${folder} ${threads}`, () => openEncoder({ folder, threads }));
}

interface Texts {
  readonly ids: number[];
  readonly texts: string[];
}

function textReader(
  encoder: Encoder,
  subject: EncodeParams["subject"],
  settings: EncodeSettings,
  context: TaskContext,
  rowsTotal: number,
) {
  let rowsBefore = 0;
  const encodeWindow = async ({ ids, texts }: Texts): Promise<RecordBatch> => {
    const encoded = await encoder.encode(texts, {
      batchTokens: settings.batchTokens,
      signal: context.signal,
      nameText: (position) => `${subject} ${ids[position] ?? "?"} (table ${subject}_knowledge)`,
      onProgress: (done) => {
        context.progress({ rowsDone: rowsBefore + done, rowsTotal, unit: "texts" });
      },
    });
    rowsBefore += ids.length;
    return embeddingBatch(subject, encoder, meanBySubject(ids, encoded, encoder.dimension));
  };

  return async function* (batches: AsyncIterable<RecordBatch>): AsyncGenerator<RecordBatch> {
    let window: Texts = { ids: [], texts: [] };
    for await (const batch of batches) {
      for (const { id, text } of textsOf(batch)) {
        if (window.ids.length >= windowTexts && id !== window.ids.at(-1)) {
          yield await encodeWindow(window);
          window = { ids: [], texts: [] };
        }
        window.ids.push(id);
        window.texts.push(settings.joinLines ? text.replace(/\s+/g, " ").trim() : text);
      }
    }
    if (window.ids.length > 0) yield await encodeWindow(window);
  };
}

/** The rows of `encode/*_texts`. A text that is null counts as empty, which the encoder refuses by name. */
function* textsOf(batch: RecordBatch): Generator<{ id: number; text: string }> {
  const ids = batch.getChild("subject_id");
  const texts = batch.getChild("text");
  for (let row = 0; row < batch.numRows; row++) {
    const id: unknown = ids?.get(row);
    const text: unknown = texts?.get(row) ?? "";
    if (typeof id !== "number" || typeof text !== "string") {
      throw new FlowError("SCHEMA_MISMATCH", "encode: expected integer ids and texts");
    }
    yield { id, text };
  }
}
