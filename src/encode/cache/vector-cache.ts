import { z } from "zod";
import { sha256 } from "../../base/sha256.ts";
import { openSegments } from "../../llm/cache/segments.ts";

/** What a text's vector took of a server. */
export interface TextCost {
  /** The text's share of the request's; null where the server does not say. */
  readonly promptTokens: number | null;
  /** US dollars, likewise; null where no price is known. */
  readonly costUsd: number | null;
  /** Of the attempt that was answered, ms. */
  readonly latencyMs: number;
  readonly attempts: number;
}

/** A vector as it is remembered. */
export interface StoredVector {
  /** See {@link vectorKey}. */
  readonly key: string;
  readonly vector: Float32Array;
  readonly tokens: number;
  readonly chunks: number;
  readonly truncated: number;
  /** Null for an encoder on this machine. */
  readonly cost: TextCost | null;
}

/** Vectors by key, on disk: one that `put` has returned from survives `kill -9`. */
export interface VectorCache {
  readonly find: (key: string) => StoredVector | null;
  readonly put: (vector: StoredVector) => Promise<void>;
  /** Keys whose vectors are being made in this thread, with what is over when they are. */
  readonly underWay: Map<string, Promise<unknown>>;
  readonly close: () => Promise<void>;
}

/** sha256 of what decides a vector, 64 hexadecimal digits: equal texts of equal encoders have one. */
export function vectorKey(encoder: string, text: string): string {
  return sha256(`${encoder}\n${text}`);
}

const keyDigits = 64;
const space = 0x20;
const count = z.int().min(0);

const facts = z.tuple([
  count,
  count,
  count,
  z
    .object({
      promptTokens: count.nullable(),
      costUsd: z.number().nullable(),
      latencyMs: z.number().min(0),
      attempts: count,
    })
    .nullable(),
]);

/**
 * Vectors in the segments of a folder, a line each: key, facts as JSON, numbers as base64 of float32. In memory are the index, 29 to 59
 * bytes a vector, and what is not yet on disk.
 *
 * @param dir - made when missing; may be shared by runs, also at the same time
 * @throws FlowError `RUN_INVALID` or `OUTPUT_FAILED`, as the segments do
 */
export async function openVectorCache(dir: string): Promise<VectorCache> {
  const { find, append, close } = await openSegments<StoredVector>({
    dir,
    runId: "run",
    extension: "vectors",
    names: { value: "a vector", lost: "the texts whose vectors it holds are then encoded again" },
    print,
    parse,
    keyOf,
  });
  return { find, put: append, underWay: new Map(), close };
}

function print({ key, vector, tokens, chunks, truncated, cost }: StoredVector): string {
  const { buffer, byteOffset, byteLength } = vector;
  const numbers = Buffer.from(buffer, byteOffset, byteLength).toString("base64");
  return `${key} ${JSON.stringify([tokens, chunks, truncated, cost])} ${numbers}`;
}

function keyOf(line: Buffer): string | null {
  const key = line.toString("latin1", 0, keyDigits);
  return line[keyDigits] === space && /^[0-9a-f]{64}$/.test(key) ? key : null;
}

function parse(line: Buffer): StoredVector | null {
  const key = keyOf(line);
  const end = line.lastIndexOf(space);
  const known = facts.safeParse(jsonOf(line.toString("latin1", keyDigits + 1, end))).data;
  const bytes = Buffer.from(line.toString("latin1", end + 1), "base64");
  const width = bytes.length / Float32Array.BYTES_PER_ELEMENT;
  if (key === null || known === undefined || width === 0 || !Number.isInteger(width)) return null;
  const vector = new Float32Array(width);
  bytes.copy(Buffer.from(vector.buffer));
  const [tokens, chunks, truncated, cost] = known;
  return { key, vector, tokens, chunks, truncated, cost };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
