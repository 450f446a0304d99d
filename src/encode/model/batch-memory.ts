import { FlowError } from "../../base/errors.ts";
import type { EncoderCard } from "../folder/encoder-card.ts";

type Sizes = Pick<EncoderCard, "name" | "shape" | "padTo">;

/** Largest sum of squared lengths in a batch, for {@link planBatches}. */
type BatchSquares = number;

const floatBytes = 4;
/** Score tables that attention holds at a time: before and after softmax. */
const scoreTables = 2;

/** Upper estimate of the memory of one sequence, without the weights, bytes. */
function sequenceBytes({ shape, padTo }: Sizes, tokens: number): number {
  if (shape === null) return 0;
  const { heads, hidden, wide } = shape;
  // Tokens attend to their own window and those on either side.
  const attended = padTo > 1 ? Math.min(tokens, 3 * padTo) : tokens;
  const scores = scoreTables * heads * tokens * attended;
  return floatBytes * (scores + tokens * (8 * hidden + 3 * wide));
}

/**
 * How large a batch may be to fit the free memory. Attention takes memory proportional to the squared length: one text of 8,192 tokens
 * takes 9 GB in BGE-M3.
 *
 * @param longest - Tokens of the longest sequence, padding included
 * @throws FlowError `INPUT_INVALID` when not even that sequence fits, with a length that would
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

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
