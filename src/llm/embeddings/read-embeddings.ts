import { z } from "zod";
import { TransportError, type Usage } from "../chat.ts";
import { quoted } from "../openai/quoted.ts";
import type { EmbeddingReply } from "./embeddings.ts";

const tokens = z.int().min(0).nullable().catch(null);

const place = z.object({ index: z.int().min(0).optional() });

const list = z.object({
  data: z.array(z.unknown()),
  usage: z.object({ prompt_tokens: tokens, total_tokens: tokens }).partial().catch({}).default({}),
});

const failure = z.object({ error: z.object({ message: z.string() }) });

/**
 * The vectors in the body of an answer to POST /embeddings, in the order of the texts, which their `index` tells; numbers may come as
 * a list or as base64 of float32, whichever was asked for. A vector that is none is a fault of its text.
 *
 * @param texts - how many were sent
 * @param dimension - numbers that a vector must have; undefined: as many as most of them
 * @throws TransportError fatal for a list whose vectors are not known to be of which text or token, transient for a body that is none
 */
export function readEmbeddings(
  body: unknown,
  texts: number,
  dimension: number | undefined,
): EmbeddingReply {
  const json = typeof body === "string" ? jsonOf(body) : body;
  const parsed = list.safeParse(json);
  if (!parsed.success) throw notAList(json);
  const { data, usage } = parsed.data;
  const rows = placed(data.map(readRow), texts);
  const width = dimension ?? mostCommon(rows.flatMap(({ vector }) => vector?.length ?? []));
  const vectors = new Float32Array(texts * width);
  const faults = new Map<number, string>();
  rows.forEach((row, at) => {
    if (row.vector === null) {
      faults.set(at, row.fault);
    } else if (row.vector.length === width) {
      vectors.set(row.vector, at * width);
    } else {
      faults.set(
        at,
        `the server gave a vector of ${row.vector.length} numbers where ${width} were expected: serve one model, and set ` +
          "encode.remote.dimensions only for a model that can shorten its vectors",
      );
    }
  });
  const usable = faults.size === texts ? 0 : width;
  return { vectors, dimension: usable, faults, usage: usageOf(usage) };
}

/** A vector, or why there is none. */
type Row = { readonly index: number | undefined } & (
  { readonly vector: Float32Array } | { readonly vector: null; readonly fault: string }
);

function readRow(value: unknown): Row {
  const { index } = place.safeParse(value).data ?? {};
  const { embedding } = z.object({ embedding: z.unknown() }).safeParse(value).data ?? {};
  if (Array.isArray(embedding) && Array.isArray(embedding[0])) {
    throw fatal(
      "the server gave a vector per token: start it with a pooling that makes one vector per text (llama.cpp: --pooling mean, or as the " +
        "model has it)",
    );
  }
  if (typeof embedding !== "string" && !Array.isArray(embedding)) {
    return faulty("the server gave a vector that is no list of numbers", index);
  }
  const vector = typeof embedding === "string" ? fromBase64(embedding) : fromNumbers(embedding);
  if (vector === null) {
    return faulty(
      "the server gave a vector that is no base64 of float32: set encode.remote.encodingFormat: float",
      index,
    );
  }
  if (vector.length === 0) return faulty("the server gave an empty vector", index);
  const bad = vector.findIndex((number) => !Number.isFinite(number));
  if (bad < 0) return { index, vector };
  return faulty(
    `the server gave a number that is not finite (number ${bad + 1} of the vector): models served in float16 overflow, serve this one in ` +
      "float32 or bfloat16",
    index,
  );
}

function faulty(fault: string, index?: number): Row {
  return { index, vector: null, fault };
}

/** The vectors by their index, or as they came where none has one. */
function placed(rows: readonly Row[], texts: number): readonly Row[] {
  if (rows.length !== texts) {
    if (texts === 1) return [faulty(`the server gave ${rows.length} vectors for one text`)];
    throw fatal(
      `the server gave ${rows.length} vectors for ${texts} texts: check that the model is one for embeddings, or set ` +
        "encode.remote.textsPerRequest to 1",
    );
  }
  const indexed = rows.filter(({ index }) => index !== undefined);
  if (indexed.length === 0) return rows;
  const byIndex = new Map(indexed.map((row) => [row.index, row]));
  const others = rows.filter(({ index }) => index === undefined);
  const isClear = byIndex.size === indexed.length && others.every(({ vector }) => vector === null);
  return rows.map((_, index) => {
    const row = byIndex.get(index) ?? (isClear ? others.shift() : undefined);
    if (row !== undefined) return row;
    throw fatal(
      `the server gave no vector of index ${index}, and another one twice: fix the server, or set encode.remote.textsPerRequest to 1`,
    );
  });
}

/** Of equally common ones, the first. 0 where there is none. */
function mostCommon(widths: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const width of widths) counts.set(width, (counts.get(width) ?? 0) + 1);
  let [most, times] = [0, 0];
  for (const [width, count] of counts) if (count > times) [most, times] = [width, count];
  return most;
}

/** Null for text with other characters, or of another length than that of whole numbers. */
function fromBase64(text: string): Float32Array | null {
  const bytes = Buffer.from(text, "base64");
  const digits = text.trim().replace(/=+$/, "").length;
  const count = bytes.length / Float32Array.BYTES_PER_ELEMENT;
  if (!Number.isInteger(count) || bytes.length !== Math.floor((digits * 3) / 4)) return null;
  const vector = new Float32Array(count);
  for (let i = 0; i < count; i++) vector[i] = bytes.readFloatLE(i * 4);
  return vector;
}

function fromNumbers(values: readonly unknown[]): Float32Array {
  return Float32Array.from(values, (value) => (typeof value === "number" ? value : Number.NaN));
}

function usageOf({ prompt_tokens, total_tokens }: z.output<typeof list>["usage"]): Usage {
  const promptTokens = prompt_tokens ?? total_tokens ?? null;
  return { promptTokens, completionTokens: 0, cachedTokens: null };
}

/** Numbers as Python and others write them, which are not JSON. */
const notFinite = /([[,]\s*)[+-]?(?:NaN|Infinity)(?=\s*[\],])/g;

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    const known = parsedOf(body.replace(notFinite, "$1null"));
    if (known !== undefined) return known;
    throw new TransportError(
      { kind: "transient", mayBePaid: true },
      `the server answered with broken JSON: ${quoted(body)}`,
    );
  }
}

function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notAList(body: unknown): TransportError {
  const failed = failure.safeParse(body);
  if (failed.success) {
    return transient(`the server answered with an error: ${failed.data.error.message}`);
  }
  return transient(`the server's answer is no list of embeddings: ${quoted(body)}`);
}

function fatal(message: string): TransportError {
  return new TransportError({ kind: "fatal", mayBePaid: true }, message);
}

function transient(message: string): TransportError {
  return new TransportError({ kind: "transient" }, message);
}
