/** @file From a query's texts to a table of vectors, in windows: the same for knowledge and for texts of any origin. */
import { pipeline } from "node:stream/promises";
import type { RecordBatch } from "apache-arrow";
import { FlowError } from "../../base/errors.ts";
import type { TaskContext, WrittenFile } from "../../flow/task.ts";
import { batchFromRows } from "../../tables/batch-from-rows.ts";
import type { Database, Row } from "../../tables/database.ts";
import { readBatches } from "../../tables/read-batches.ts";
import type { NameIds } from "../../tables/source-ids/source-names.ts";
import { writeBatches } from "../../tables/write-batches.ts";
import type { EncodedTexts, Encoder, TextCall } from "../model/encoder.ts";
import { meanBySubject, type SubjectVectors } from "./mean-by-subject.ts";
import type { EncodeSettings } from "../encoder-settings.ts";
import type { SpendingSettings } from "../spending.ts";
import { taskEncoder } from "../task-encoder.ts";

export interface WriteVectorsOptions {
  /** A query for `subject_id` INTEGER and `text` VARCHAR; equal ids are next to each other. */
  readonly texts: string;
  /** Table that the vectors are a part of. */
  readonly table: string;
  readonly settings: EncodeSettings;
  readonly spending: SpendingSettings;
  /** The ids' names in the source. */
  readonly nameIds: NameIds;
  /** How an error names the texts of an id. */
  readonly nameSubject: (name: string) => string;
  /** The vectors as rows of the table. */
  readonly batchOf: (encoder: Encoder, vectors: SubjectVectors) => RecordBatch;
  /**
   * What a text took of a server as a row of `requests`. Default: the calls are not written.
   *
   * @param sample - which of the subject's texts, from 0
   */
  readonly requestOf?: (id: number, sample: number, call: TextCall) => Row;
}

/** Texts that are sorted by length together, plus the rest of the last subject's. */
const windowTexts = 16_384;

/**
 * Encodes texts; several texts of one id give their mean vector.
 *
 * @throws FlowError `INPUT_INVALID` naming the id whose text is empty or gives no vector
 */
export async function writeVectors(
  db: Database,
  options: WriteVectorsOptions,
  context: TaskContext,
): Promise<readonly WrittenFile[]> {
  const { texts, table, settings, spending } = options;
  const encoder = await taskEncoder(settings, spending, context);
  const [count] = await db.rows(`select count(*) as texts from (${texts})`);
  const requests: Row[] = [];
  const reader = textReader(encoder, options, context, Number(count?.["texts"]), requests);
  const { signal } = context;
  const written = await pipeline(
    readBatches(db, texts),
    reader,
    (batches) => writeBatches(db, table, batches, context),
    { signal },
  );
  if (requests.length === 0) return [written];
  return [
    written,
    await writeBatches(db, "requests", [batchFromRows("requests", requests)], context),
  ];
}

interface Texts {
  readonly ids: number[];
  readonly texts: string[];
}

function textReader(
  encoder: Encoder,
  { settings, nameIds, nameSubject, batchOf, requestOf }: WriteVectorsOptions,
  context: TaskContext,
  rowsTotal: number,
  requests: Row[],
) {
  let rowsBefore = 0;
  const encodeWindow = async ({ ids, texts }: Texts): Promise<RecordBatch> => {
    const nameOf = await nameIds(ids);
    const encoded = await encoder.encode(texts, {
      batchTokens: settings.batchTokens,
      signal: context.signal,
      nameText: (position) => nameSubject(nameOf(ids[position] ?? 0)),
      onProgress: (done) => {
        context.progress({ rowsDone: rowsBefore + done, rowsTotal, unit: "texts" });
      },
    });
    rowsBefore += ids.length;
    let sample = 0;
    encoded.calls?.forEach((call, place) => {
      const id = ids[place] ?? 0;
      sample = place > 0 && id === ids[place - 1] ? sample + 1 : 0;
      if (requestOf) requests.push(requestOf(id, sample, call));
      else if (call.refusal !== null) {
        throw refusedText(`${nameSubject(nameOf(id))}: ${encoder.name}`, call.refusal.reason);
      }
    });
    const answered = answeredTexts(ids, encoded, encoder.dimension);
    return batchOf(encoder, meanBySubject(answered.ids, answered.encoded, encoder.dimension));
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

/** The texts that have a vector. */
function answeredTexts(
  ids: readonly number[],
  encoded: EncodedTexts,
  dimension: number,
): { readonly ids: readonly number[]; readonly encoded: EncodedTexts } {
  const places = ids.flatMap((_, place) =>
    (encoded.calls?.[place]?.refusal ?? null) === null ? [place] : [],
  );
  if (places.length === ids.length) return { ids, encoded };
  const vectors = new Float32Array(places.length * dimension);
  places.forEach((place, row) => {
    const own = encoded.vectors.subarray(place * dimension, (place + 1) * dimension);
    vectors.set(own, row * dimension);
  });
  const pick = (counts: Int32Array): Int32Array =>
    Int32Array.from(places, (place) => counts[place] ?? 0);
  const { tokens, chunks, truncated } = encoded;
  return {
    ids: places.map((place) => ids[place] ?? 0),
    encoded: { vectors, tokens: pick(tokens), chunks: pick(chunks), truncated: pick(truncated) },
  };
}

function refusedText(which: string, reason: string): FlowError {
  return new FlowError(
    "INPUT_INVALID",
    `${which} does not encode the text: ${reason}. Leave the row out or change its text; every vector so far is kept`,
  );
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
