/** @file From a query's texts to a table of vectors, in windows: the same for knowledge and for texts of any origin. */
import { pipeline } from "node:stream/promises";
import type { RecordBatch } from "apache-arrow";
import { FlowError } from "../../base/errors.ts";
import type { ErrorLimit } from "../../flow/error-limit.ts";
import { outcomeTally, type OutcomeTally } from "../../flow/outcomes.ts";
import { stageNotes, type StageNotes } from "../../flow/stage-notes.ts";
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
import { textErrors, type TextErrors } from "../text-errors.ts";

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
  /** How many texts a server may leave without a vector. */
  readonly limit: ErrorLimit;
  /** What the texts took of a server: a table, and its row for one of the texts of an id, from 0. */
  readonly calls: {
    readonly table: string;
    readonly rowOf: (id: number, sample: number, call: TextCall) => Row;
  };
}

/** Texts that are sorted by length together, plus the rest of the last subject's. */
const windowTexts = 16_384;

/**
 * Encodes texts; several texts of one id give their mean vector. A text that a server refuses has an error in its row of the calls; an id
 * none of whose texts has a vector has none.
 *
 * @throws FlowError `INPUT_INVALID` naming the id whose text is empty or gives no finite vector; `TOO_MANY_ERRORS` beyond a limit by number
 */
export async function writeVectors(
  db: Database,
  options: WriteVectorsOptions,
  context: TaskContext,
): Promise<readonly WrittenFile[]> {
  const { texts, table, settings, spending, calls } = options;
  const encoder = await taskEncoder(settings, spending, context);
  const [count] = await db.rows(`select count(*) as texts from (${texts})`);
  const requests: Row[] = [];
  const made = outcomeTally();
  const errors = await textErrors(options.limit, context);
  const kept = { requests, made, errors, said: await stageNotes(context) };
  const reader = textReader(encoder, options, context, Number(count?.["texts"]), kept);
  const { signal } = context;
  const written = await pipeline(
    readBatches(db, texts),
    reader,
    (batches) => writeBatches(db, table, batches, context),
    { signal },
  );
  if (requests.length === 0) return [written];
  const asked = await writeBatches(
    db,
    calls.table,
    [batchFromRows(calls.table, requests)],
    context,
  );
  const outcomes = made.outcomes();
  return [written, outcomes === undefined ? asked : { ...asked, outcomes }];
}

/** What is known of the calls so far. */
interface Calls {
  readonly requests: Row[];
  readonly made: OutcomeTally;
  readonly errors: TextErrors;
  readonly said: StageNotes;
}

interface Texts {
  readonly ids: number[];
  readonly texts: string[];
}

function textReader(
  encoder: Encoder,
  { settings, nameIds, nameSubject, batchOf, calls }: WriteVectorsOptions,
  context: TaskContext,
  rowsTotal: number,
  { requests, made, errors, said }: Calls,
) {
  let rowsBefore = 0;
  let refused = 0;
  let retries = 0;
  const report = (rowsDone: number, refusedNow = 0): void => {
    const all = refused + refusedNow;
    const detail = {
      ...(all > 0 && { errors: String(all) }),
      ...(retries > 0 && { retries: String(retries) }),
    };
    const notes = [...said.all(), ...errors.told()];
    context.progress({
      ...{ rowsDone, rowsTotal, unit: "texts" },
      ...(all + retries > 0 && { detail }),
      ...(notes.length > 0 && { notes }),
    });
  };
  const encodeWindow = async ({ ids, texts }: Texts): Promise<RecordBatch | null> => {
    const nameOf = await nameIds(ids);
    const nameText = (place: number): string => nameSubject(nameOf(ids[place] ?? 0));
    let refusedNow = 0;
    let done = 0;
    const unfollow = said.follow(() => {
      report(rowsBefore + done, refusedNow);
    });
    const encoding = encoder.encode(texts, {
      batchTokens: settings.batchTokens,
      signal: context.signal,
      nameText,
      onProgress: (now) => {
        done = now;
        report(rowsBefore + done, refusedNow);
      },
      onTrouble: (more) => {
        refusedNow += more.refused;
        retries += more.retries;
        report(rowsBefore + done, refusedNow);
      },
    });
    const encoded = await encoding.finally(unfollow);
    rowsBefore += ids.length;
    let sample = 0;
    encoded.calls?.forEach((call, place) => {
      const id = ids[place] ?? 0;
      sample = place > 0 && id === ids[place - 1] ? sample + 1 : 0;
      requests.push(calls.rowOf(id, sample, call));
      const { refusal } = call;
      if (refusal === null) {
        made.add(encoder.name);
        return;
      }
      const what = `${nameText(place)}: ${refusal.reason}`;
      made.add(encoder.name, { kind: refusal.status, reason: what });
      refused += 1;
      errors.count(what, refusal.status);
    });
    report(rowsBefore);
    const answered = answeredTexts(ids, encoded, encoder.dimension);
    if (answered.ids.length === 0) return null; // and the width of vectors may not be known yet
    return batchOf(encoder, meanBySubject(answered.ids, answered.encoded, encoder.dimension));
  };

  return async function* (batches: AsyncIterable<RecordBatch>): AsyncGenerator<RecordBatch> {
    let window: Texts = { ids: [], texts: [] };
    for await (const batch of batches) {
      for (const { id, text } of textsOf(batch)) {
        if (window.ids.length >= windowTexts && id !== window.ids.at(-1)) {
          const encoded = await encodeWindow(window);
          if (encoded !== null) yield encoded;
          window = { ids: [], texts: [] };
        }
        window.ids.push(id);
        window.texts.push(settings.joinLines ? text.replace(/\s+/g, " ").trim() : text);
      }
    }
    const last = window.ids.length === 0 ? null : await encodeWindow(window);
    if (last !== null) yield last;
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
