import { z } from "zod";
import { TransportError, type Usage } from "../chat.ts";
import { quoted } from "../openai/quoted.ts";
import type { EmbeddingReply } from "./embeddings.ts";

const tokens = z.int().min(0).nullable().catch(null);

const row = z.object({
  index: z.int().min(0).optional(),
  embedding: z.union([z.string(), z.array(z.unknown())]),
});

const list = z.object({
  data: z.array(z.unknown()),
  usage: z.object({ prompt_tokens: tokens, total_tokens: tokens }).partial().catch({}).default({}),
});

const failure = z.object({ error: z.object({ message: z.string() }) });

/**
 * The vectors in the body of an answer to POST /embeddings, in the order of the texts, which their `index` tells; numbers may come as
 * a list or as base64 of float32, whichever was asked for.
 *
 * @param texts - how many were sent
 * @param dimension - numbers that a vector must have; undefined: as many as the first
 * @throws TransportError fatal for a list that is not what was asked for, transient for a body that is none
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
  if (data.length !== texts) {
    throw fatal(
      `the server gave ${data.length} vectors for ${texts} texts: check that the model is one for embeddings, or set ` +
        "encode.remote.textsPerRequest to 1",
    );
  }
  const rows = placed(data.map(readRow));
  const width = dimension ?? rows[0]?.length ?? 0;
  const vectors = new Float32Array(texts * width);
  rows.forEach((vector, place) => {
    if (vector.length !== width) {
      throw fatal(
        `the server gave a vector of ${vector.length} numbers where ${width} were expected: serve one model, and set ` +
          "encode.remote.dimensions only for a model that can shorten its vectors",
      );
    }
    vectors.set(vector, place * width);
  });
  return { vectors, dimension: width, usage: usageOf(usage) };
}

interface Row {
  readonly index: number | undefined;
  readonly vector: Float32Array;
}

function readRow(value: unknown): Row {
  const parsed = row.safeParse(value);
  if (!parsed.success) throw fatal("the server gave a vector that is no list of numbers");
  const { index, embedding } = parsed.data;
  if (Array.isArray(embedding) && Array.isArray(embedding[0])) {
    throw fatal(
      "the server gave a vector per token: start it with a pooling that makes one vector per text (llama.cpp: --pooling mean, or as the " +
        "model has it)",
    );
  }
  const vector = typeof embedding === "string" ? fromBase64(embedding) : fromNumbers(embedding);
  const bad = vector.findIndex((number) => !Number.isFinite(number));
  if (bad >= 0) throw notFinite(`number ${bad + 1} of vector ${index ?? "?"}`);
  if (vector.length === 0) throw fatal("the server gave an empty vector");
  return { index, vector };
}

/** The vectors by their index, or as they came where none has one. */
function placed(rows: readonly Row[]): readonly Float32Array[] {
  if (rows.every(({ index }) => index === undefined)) return rows.map(({ vector }) => vector);
  const byIndex = new Map(rows.map(({ index, vector }) => [index, vector]));
  return rows.map((_, index) => {
    const vector = byIndex.get(index);
    if (vector !== undefined) return vector;
    throw fatal(
      `the server gave no vector of index ${index}, and another one twice: fix the server, or set encode.remote.textsPerRequest to 1`,
    );
  });
}

function fromBase64(text: string): Float32Array {
  const bytes = Buffer.from(text, "base64");
  const count = bytes.length / Float32Array.BYTES_PER_ELEMENT;
  if (!Number.isInteger(count)) {
    throw fatal("the server gave a vector that is no base64 of float32: set encodingFormat: float");
  }
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

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    if (/[[,]\s*-?(?:NaN|Infinity)\s*[\],]/.test(body)) throw notFinite("a vector");
    throw new TransportError(
      { kind: "transient", mayBePaid: true },
      `the server answered with broken JSON: ${quoted(body)}`,
    );
  }
}

function notAList(body: unknown): TransportError {
  const failed = failure.safeParse(body);
  if (failed.success) {
    return transient(`the server answered with an error: ${failed.data.error.message}`);
  }
  return transient(`the server's answer is no list of embeddings: ${quoted(body)}`);
}

function notFinite(where: string): TransportError {
  return fatal(
    `the server gave a number that is not finite, in ${where}: models served in float16 overflow, serve this one in float32 or bfloat16`,
  );
}

function fatal(message: string): TransportError {
  return new TransportError({ kind: "fatal", mayBePaid: true }, message);
}

function transient(message: string): TransportError {
  return new TransportError({ kind: "transient" }, message);
}
