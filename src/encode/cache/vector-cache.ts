import { z } from "zod";
import { sha256 } from "../../base/sha256.ts";
import { openSegments } from "../../llm/cache/segments.ts";
import type { WriterOptions } from "../../llm/cache/segment-writer.ts";

/** Cost of a text's vector at a server. */
export interface TextCost {
  /** The text's share of the request's tokens; null when the server does not report them. */
  readonly promptTokens: number | null;
  /** The text's share of the cost, US dollars; null when no price is known. */
  readonly costUsd: number | null;
  /** Latency of the successful attempt, ms. */
  readonly latencyMs: number;
  readonly attempts: number;
}

/** A cached vector. */
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

/** Vectors by key, on disk. Once `put` resolves, the vector survives `kill -9`. */
export interface VectorCache {
  readonly find: (key: string) => StoredVector | null;
  readonly put: (vector: StoredVector) => Promise<void>;
  /** Keys whose vectors this thread is computing, with promises that resolve when they are done. */
  readonly underWay: Map<string, Promise<unknown>>;
  readonly close: () => Promise<void>;
}

/** sha256 of what decides a vector, 64 hexadecimal digits. */
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
 * Vectors in the segments of a folder, one line each: key, counts as JSON, numbers as base64 of float32. Memory holds the index, 29 to
 * 59 bytes per vector, and what is not yet on disk.
 *
 * @param dir - Created if missing; may be shared by runs, also concurrently
 * @throws FlowError `RUN_INVALID` or `OUTPUT_FAILED`, as the segments do
 */
export async function openVectorCache(
  dir: string,
  writing: Pick<WriterOptions, "onWait"> = {},
): Promise<VectorCache> {
  const { find, append, close } = await openSegments<StoredVector>({
    ...writing,
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
