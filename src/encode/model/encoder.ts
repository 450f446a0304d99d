import { setImmediate } from "node:timers/promises";
import { FlowError } from "../../base/errors.ts";
import { freeMemory } from "../../base/free-memory.ts";
import { batchSquaresWithin } from "./batch-memory.ts";
import { describeEncoder, type EncoderSource } from "./describe-encoder.ts";
import { int8Model } from "./int8-model.ts";
import { paddedLength } from "./model-inputs.ts";
import type { Provider } from "../../onnx/session/providers.ts";
import { planBatches } from "./plan-batches.ts";
import { textCutter } from "../text/text-cutter.ts";
import { openTokenizer } from "../text/text-tokenizer.ts";
import { openVectorModel } from "./vector-model.ts";

interface EncoderOptions extends EncoderSource {
  /** Threads per batch. */
  readonly threads: number;
  /** Execution providers; default the CPU. */
  readonly providers?: readonly Provider[];
  /** Encoders that run concurrently and share the memory; default 1. */
  readonly sessions?: number;
  /** Free memory, bytes; default: as the system says. */
  readonly freeBytes?: () => number;
  /** Folder of quantized models; default: the encoder's folder. */
  readonly int8Dir?: string;
}

export interface EncodeOptions {
  /** Most tokens per batch, padding included. Default 1024. */
  readonly batchTokens?: number;
  /** Stops encoding between two batches. */
  readonly signal?: AbortSignal;
  /** Called after each batch with the number of complete texts, repeated ones included. */
  readonly onProgress?: (textsDone: number) => void;
  /** Called with what was refused or tried again since the last time. */
  readonly onTrouble?: (more: { readonly refused: number; readonly retries: number }) => void;
  /** Names the text at a position in errors. Default "text 3", from 0. */
  readonly nameText?: (position: number) => string;
}

/** The cost of a text at a server. */
export interface TextCall {
  readonly provider: string;
  readonly model: string;
  /** The vector's key in the cache. */
  readonly key: string;
  /** The text's share of its request's tokens; null when the server does not report them. */
  readonly promptTokens: number | null;
  /** The text's share of the cost, US dollars; null when no price is known. */
  readonly costUsd: number | null;
  /** Latency of the successful attempt, ms. */
  readonly latencyMs: number;
  /** How often it was sent, also where it was refused. */
  readonly attempts: number;
  /** True when no request was sent. */
  readonly isCached: boolean;
  /** Why the server gives no vector of the text; null when it does. */
  readonly refusal: TextRefusal | null;
}

/** A text that a server does not encode while it encodes others. */
export interface TextRefusal {
  readonly status: "rejected" | "filtered" | "failed";
  readonly reason: string;
  /** How often it was sent. */
  readonly attempts: number;
}

/** `N` encoded texts, in their order. */
export interface EncodedTexts {
  /** Row-major `[N, dimension]`; of unit length unless the encoder does not scale. */
  readonly vectors: Float32Array;
  /** All tokens of each text, without special ones; `[N]`. */
  readonly tokens: Int32Array;
  /** Number of chunks each text was encoded in; `[N]`. */
  readonly chunks: Int32Array;
  /** Tokens of each text that were cut off because the text was too long; `[N]`. */
  readonly truncated: Int32Array;
  /** The cost of each text at a server, `[N]`; absent for an encoder on this machine. A text that is refused has zeros for a vector. */
  readonly calls?: readonly TextCall[];
}

/** An encoder folder, opened. */
export interface Encoder {
  readonly name: string;
  /** Identity of its files and settings: equal hashes give equal vectors of equal texts. */
  readonly hash: string;
  readonly dimension: number;
  /**
   * Encodes texts of any length. Longer ones are cut into chunks whose vectors are averaged, unless the encoder was opened to do
   * otherwise; equal texts are encoded once; a vector does not depend on the other texts beyond rounding.
   *
   * @throws FlowError `INPUT_INVALID` when a text is empty, too long where that is an error, or its vector is not finite
   */
  readonly encode: (texts: readonly string[], options?: EncodeOptions) => Promise<EncodedTexts>;
  readonly close: () => Promise<void>;
}

/**
 * Opens an encoder folder. Each call of `encode` uses all its threads: open one encoder per process.
 *
 * @throws FlowError `INPUT_INVALID` when the folder is incomplete or not an encoder's, `DEPENDENCY_MISSING` without the ONNX runtime
 */
export async function openEncoder(options: EncoderOptions): Promise<Encoder> {
  const { files, card, hash, isToQuantize } = await describeEncoder(options);
  const tokenizer = await openTokenizer(files.tokenizer, card.tokenizer);
  const { threads, providers, overlong = "chunks", int8Dir = options.folder } = options;
  const model = await openVectorModel({
    ...{ card, threads, folder: options.folder },
    file: isToQuantize ? await int8Model(files.model, hash, int8Dir) : files.model,
    ...(providers && { providers }),
    probe: [...tokenizer.before, ...tokenizer.after, ...(tokenizer.after.length > 0 ? [] : [0])],
  });
  const { dimension } = model;
  const { sessions = 1, freeBytes = () => freeMemory().freeBytes, maxCharacters } = options;
  const cut = textCutter(card, tokenizer, { overlong, maxCharacters });

  const encode = async (
    texts: readonly string[],
    encodeOptions: EncodeOptions = {},
  ): Promise<EncodedTexts> => {
    const { batchTokens = 1024, signal, onProgress } = encodeOptions;
    const { nameText = (position) => `text ${position}` } = encodeOptions;
    const distinct = [...positionsByText(texts)].map(([text, positions]) => {
      const { tokens, truncated, sequences } = cut(text, () => nameText(positions[0]));
      return {
        ...{ positions, tokens, truncated, sequences },
        chunks: sequences.length,
        chunksLeft: sequences.length,
        sum: new Float32Array(dimension),
      };
    });
    const pieces = distinct.flatMap((text) =>
      text.sequences.map((sequence) => ({ text, sequence })),
    );
    const encoded = {
      vectors: new Float32Array(texts.length * dimension),
      tokens: new Int32Array(texts.length),
      chunks: new Int32Array(texts.length),
      truncated: new Int32Array(texts.length),
    };

    let textsDone = 0;
    const lengths = pieces.map(({ sequence }) => paddedLength(sequence.ids.length, card.padTo));
    const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
    const request = { longest, batchTokens, freeBytes: freeBytes() / sessions };
    const batchSquares = batchSquaresWithin(card, request);
    for (const positions of planBatches(lengths, { batchTokens, batchSquares })) {
      signal?.throwIfAborted();
      const batch = positions.flatMap((position) => pieces[position] ?? []);
      const vectors = await model.run(batch.map(({ sequence }) => sequence));
      batch.forEach(({ text }, row) => {
        addTo(text.sum, vectors.subarray(row * dimension, (row + 1) * dimension));
        text.chunksLeft -= 1;
        if (text.chunksLeft > 0) return;
        if (!(card.normalize ? toUnitLength(text.sum) : toMean(text.sum, text.chunks))) {
          const which = nameText(text.positions[0]);
          throw new FlowError(
            "INPUT_INVALID",
            `${which}: encoder ${card.name} gave no finite vector`,
          );
        }
        for (const position of text.positions) {
          encoded.vectors.set(text.sum, position * dimension);
          encoded.tokens[position] = text.tokens;
          encoded.chunks[position] = text.chunks;
          encoded.truncated[position] = text.truncated;
        }
        textsDone += text.positions.length;
      });
      onProgress?.(textsDone);
      await setImmediate(); // the model blocks the thread: let an abort arrive
    }
    return encoded;
  };

  return { name: card.name, hash, dimension, encode, close: model.close };
}

function positionsByText(texts: readonly string[]): ReadonlyMap<string, [number, ...number[]]> {
  const positions = new Map<string, [number, ...number[]]>();
  texts.forEach((text, position) => {
    const known = positions.get(text);
    if (known === undefined) positions.set(text, [position]);
    else known.push(position);
  });
  return positions;
}

function addTo(sum: Float32Array, vector: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (vector[i] ?? 0);
}

/** Scales a vector to unit length in place; false when its length is 0 or not finite. */
function toUnitLength(vector: Float32Array): boolean {
  const length = Math.sqrt(vector.reduce((total, value) => total + value * value, 0));
  if (!(length > 0 && Number.isFinite(length))) return false;
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) / length;
  return true;
}

/** Divides a sum in place; false when it is not finite. */
function toMean(sum: Float32Array, terms: number): boolean {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) / terms;
  return sum.every(Number.isFinite);
}
