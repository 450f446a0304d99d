/** @file From a query's texts to a table of vectors, in windows: the same for knowledge and for texts of any origin. */
import { pipeline } from "node:stream/promises";
import type { RecordBatch } from "apache-arrow";
import { FlowError } from "../errors.ts";
import type { TaskContext, WrittenFile } from "../flow/task.ts";
import type { Database } from "../tables/database.ts";
import { readBatches } from "../tables/read-batches.ts";
import { writeBatches } from "../tables/write-batches.ts";
import { configuredEncoder } from "./configured-encoder.ts";
import type { Encoder } from "./encoder.ts";
import { meanBySubject, type SubjectVectors } from "./mean-by-subject.ts";
import type { EncodeSettings } from "./settings.ts";

export interface WriteVectorsOptions {
  /** A query for `subject_id` INTEGER and `text` VARCHAR; equal ids are next to each other. */
  readonly texts: string;
  /** Table that the vectors are a part of. */
  readonly table: string;
  readonly settings: EncodeSettings;
  /** How an error names the texts of an id. */
  readonly nameSubject: (id: number) => string;
  /** The vectors as rows of the table. */
  readonly batchOf: (encoder: Encoder, vectors: SubjectVectors) => RecordBatch;
}

/** Texts that are sorted by length together, and the rest of the last subject's; a partition has fewer. */
const windowTexts = 16_384;

/**
 * Encodes texts; of several of one id the vector is their mean.
 *
 * @throws FlowError `INPUT_INVALID` naming the id whose text is empty or gives no vector
 */
export async function writeVectors(
  db: Database,
  options: WriteVectorsOptions,
  context: TaskContext,
): Promise<WrittenFile> {
  const { texts, table, settings } = options;
  const encoder = await sharedEncoder(settings, context);
  const [count] = await db.rows(`select count(*) as texts from (${texts})`);
  const reader = textReader(encoder, options, context, Number(count?.["texts"]));
  const { signal } = context;
  return pipeline(
    readBatches(db, texts),
    reader,
    (batches) => writeBatches(db, table, batches, context),
    { signal },
  );
}

/** The encoder lives as long as the worker: loading it takes longer than many a partition. */
async function sharedEncoder(settings: EncodeSettings, context: TaskContext): Promise<Encoder> {
  const { shared } = context;
  return shared(`encoder ${JSON.stringify(settings)}`, () => configuredEncoder(settings, context));
}

interface Texts {
  readonly ids: number[];
  readonly texts: string[];
}

function textReader(
  encoder: Encoder,
  { settings, nameSubject, batchOf }: WriteVectorsOptions,
  context: TaskContext,
  rowsTotal: number,
) {
  let rowsBefore = 0;
  const encodeWindow = async ({ ids, texts }: Texts): Promise<RecordBatch> => {
    const encoded = await encoder.encode(texts, {
      batchTokens: settings.batchTokens,
      signal: context.signal,
      nameText: (position) => nameSubject(ids[position] ?? 0),
      onProgress: (done) => {
        context.progress({ rowsDone: rowsBefore + done, rowsTotal, unit: "texts" });
      },
    });
    rowsBefore += ids.length;
    return batchOf(encoder, meanBySubject(ids, encoded, encoder.dimension));
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

/** Columns `subject_id` and `text`. A text that is null counts as empty, which the encoder refuses by name. */
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
