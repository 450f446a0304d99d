import { freemem } from "node:os";
import { FlowError } from "../../base/errors.ts";
import type { EncoderCard } from "../folder/encoder-card.ts";

type Sizes = Pick<EncoderCard, "name" | "shape" | "padTo">;

/** Most squares of lengths a batch may hold, for {@link planBatches}. */
type BatchSquares = number;

const floatBytes = 4;
/** Tables of scores that attention holds at a time: before and after softmax. */
const scoreTables = 2;

/** Bytes that a batch of one sequence of so many tokens takes beside the weights; an estimate from above. */
function sequenceBytes({ shape, padTo }: Sizes, tokens: number): number {
  if (shape === null) return 0;
  const { heads, hidden, wide } = shape;
  // A window's tokens attend to their own and to those on either side.
  const attended = padTo > 1 ? Math.min(tokens, 3 * padTo) : tokens;
  const scores = scoreTables * heads * tokens * attended;
  return floatBytes * (scores + tokens * (8 * hidden + 3 * wide));
}

/**
 * What a batch may hold so that it fits the memory that is free. Attention takes memory by the square of a text's length: one text of 8,192
 * tokens takes 9 GB in BGE-M3.
 *
 * @param longest - tokens of the longest sequence, padding included
 * @throws FlowError `INPUT_INVALID` when not even that one fits, with a length that would
 */
export function batchSquaresWithin(
  sizes: Sizes,
  { longest, batchTokens, freeBytes }: BatchRequest,
): BatchSquares {
  const { shape, name } = sizes;
  if (shape === null) return Number.POSITIVE_INFINITY;
  const needed = sequenceBytes(sizes, longest);
  if (needed > freeBytes) {
    let fits = longest;
    while (fits > 64 && sequenceBytes(sizes, fits) > freeBytes) fits = Math.floor(fits / 2);
    throw new FlowError(
      "INPUT_INVALID",
      `encoder ${name}: a text of ${longest} tokens at once needs about ${gigabytes(needed)} of memory, ${gigabytes(freeBytes)} are free; ` +
        `set encode.maxTokens to ${fits}, so that longer texts are encoded in chunks, or free some memory`,
    );
  }
  const linear = floatBytes * batchTokens * (8 * shape.hidden + 3 * shape.wide);
  return Math.max(0, freeBytes - linear) / (floatBytes * scoreTables * shape.heads);
}

interface BatchRequest {
  readonly longest: number;
  readonly batchTokens: number;
  readonly freeBytes: number;
}

/** Memory this process can still have, bytes: a container's limit counts. */
export function freeMemoryBytes(): number {
  // Node 20 has it from 20.13 on.
  return "availableMemory" in process ? process.availableMemory() : freemem();
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
