import { copyFloats, widenBrainFloats, widenHalves } from "./half-floats.ts";

/** How numbers are stored: in blocks that decode on their own. */
export interface NumberFormat {
  /** Numbers of a block. */
  readonly blockSize: number;
  readonly blockBytes: number;
  /**
   * Decodes whole blocks to float32.
   *
   * @param bytes - Begin at a multiple of 4 of their buffer
   * @param at - Where the first number goes in `out`
   */
  readonly decode: (bytes: Uint8Array, out: Float32Array, at: number) => void;
}

/** The formats of single numbers. */
export const plainFormats = {
  F32: { blockSize: 1, blockBytes: 4, decode: copyFloats },
  F16: { blockSize: 1, blockBytes: 2, decode: widenHalves },
  BF16: { blockSize: 1, blockBytes: 2, decode: widenBrainFloats },
} satisfies Readonly<Record<string, NumberFormat>>;
