/**
 * @file The quantised blocks of ggml, decoded to float32. Letters: `d` = scale, `m` = offset, both half-precision numbers of a block.
 * Source: the reference implementation in the Python package `gguf`, gguf/quants.py.
 */
import { halfAt } from "./half-floats.ts";
import type { NumberFormat } from "./number-format.ts";

type Block = (bytes: Uint8Array, start: number, out: Float32Array, at: number) => void;

/** A format of blocks from the decoder of one block. */
function blocks(blockSize: number, blockBytes: number, block: Block): NumberFormat {
  return {
    ...{ blockSize, blockBytes },
    decode: (bytes, out, at) => {
      for (let start = 0, to = at; start < bytes.length; start += blockBytes, to += blockSize) {
        block(bytes, start, out, to);
      }
    },
  };
}

const smallBlock = 32;
const half = 16;
const largeBlock = 256;

/** d, then 32 signed bytes: `d q`. */
const q8_0 = blocks(smallBlock, 34, (bytes, start, out, at) => {
  const d = halfAt(bytes, start);
  for (let index = 0; index < smallBlock; index++) {
    out[at + index] = d * signed(bytes[start + 2 + index]);
  }
});

/** d, then 16 bytes of two 4-bit numbers each, the lower ones first: `d (q - 8)`. */
const q4_0 = blocks(smallBlock, 18, (bytes, start, out, at) => {
  const d = halfAt(bytes, start);
  for (let index = 0; index < half; index++) {
    const byte = bytes[start + 2 + index] ?? 0;
    out[at + index] = d * ((byte & 15) - 8);
    out[at + half + index] = d * ((byte >> 4) - 8);
  }
});

/** d, m, then as {@link q4_0}: `d q + m`. */
const q4_1 = blocks(smallBlock, 20, (bytes, start, out, at) => {
  const d = halfAt(bytes, start);
  const m = halfAt(bytes, start + 2);
  for (let index = 0; index < half; index++) {
    const byte = bytes[start + 4 + index] ?? 0;
    out[at + index] = d * (byte & 15) + m;
    out[at + half + index] = d * (byte >> 4) + m;
  }
});

/** d, the fifth bits of 32 numbers, then the lower four as in {@link q4_0}: `d (q - 16)`. */
const q5_0 = blocks(smallBlock, 22, (bytes, start, out, at) => {
  const d = halfAt(bytes, start);
  for (let index = 0; index < half; index++) {
    const byte = bytes[start + 6 + index] ?? 0;
    out[at + index] = d * ((byte & 15) + 16 * bitAt(bytes, start + 2, index) - 16);
    out[at + half + index] = d * ((byte >> 4) + 16 * bitAt(bytes, start + 2, half + index) - 16);
  }
});

/** d, m, then as {@link q5_0}: `d q + m`. */
const q5_1 = blocks(smallBlock, 24, (bytes, start, out, at) => {
  const d = halfAt(bytes, start);
  const m = halfAt(bytes, start + 2);
  for (let index = 0; index < half; index++) {
    const byte = bytes[start + 8 + index] ?? 0;
    out[at + index] = d * ((byte & 15) + 16 * bitAt(bytes, start + 4, index)) + m;
    out[at + half + index] = d * ((byte >> 4) + 16 * bitAt(bytes, start + 4, half + index)) + m;
  }
});

/** d, m, 8 scales and 8 offsets of 6 bits, then 8 groups of 32 4-bit numbers: `d s q - m o`. */
const q4_k = blocks(largeBlock, 144, (bytes, start, out, at) => {
  const d = halfAt(bytes, start);
  const m = halfAt(bytes, start + 2);
  for (let group = 0; group < 8; group++) {
    const scale = d * scaleOf(bytes, start + 4, group);
    const offset = m * offsetOf(bytes, start + 4, group);
    const from = start + 16 + smallBlock * (group >> 1);
    const shift = 4 * (group & 1);
    const to = at + smallBlock * group;
    for (let index = 0; index < smallBlock; index++) {
      out[to + index] = scale * (((bytes[from + index] ?? 0) >> shift) & 15) - offset;
    }
  }
});

/** As {@link q4_k}, with the fifth bits of all numbers before the lower four. */
const q5_k = blocks(largeBlock, 176, (bytes, start, out, at) => {
  const d = halfAt(bytes, start);
  const m = halfAt(bytes, start + 2);
  for (let group = 0; group < 8; group++) {
    const scale = d * scaleOf(bytes, start + 4, group);
    const offset = m * offsetOf(bytes, start + 4, group);
    const from = start + 48 + smallBlock * (group >> 1);
    const shift = 4 * (group & 1);
    const to = at + smallBlock * group;
    for (let index = 0; index < smallBlock; index++) {
      const low = ((bytes[from + index] ?? 0) >> shift) & 15;
      const high = ((bytes[start + 16 + index] ?? 0) >> group) & 1;
      out[to + index] = scale * (low + 16 * high) - offset;
    }
  }
});

/** The lower 4 bits of 256 numbers, their upper 2, 16 signed scales, d: `d s (q - 32)`. */
const q6_k = blocks(largeBlock, 210, (bytes, start, out, at) => {
  const d = halfAt(bytes, start + 208);
  for (let group = 0; group < 8; group++) {
    const low = start + 64 * (group >> 2) + smallBlock * (group & 1);
    const lowShift = 4 * ((group >> 1) & 1);
    const high = start + 128 + smallBlock * (group >> 2);
    const highShift = 2 * (group & 3);
    const to = at + smallBlock * group;
    for (let index = 0; index < smallBlock; index++) {
      const scale = d * signed(bytes[start + 192 + 2 * group + (index >> 4)]);
      const lower = ((bytes[low + index] ?? 0) >> lowShift) & 15;
      const upper = ((bytes[high + index] ?? 0) >> highShift) & 3;
      out[to + index] = scale * (lower + 16 * upper - 32);
    }
  }
});

/** The formats of quantised blocks. */
export const blockFormats = {
  ...{ Q8_0: q8_0, Q4_0: q4_0, Q4_1: q4_1, Q5_0: q5_0, Q5_1: q5_1 },
  ...{ Q4_K: q4_k, Q5_K: q5_k, Q6_K: q6_k },
} satisfies Readonly<Record<string, NumberFormat>>;

/** Of 12 bytes: four scales, four offsets, and the lower halves of the others, whose upper bits are in the first eight. */
function scaleOf(bytes: Uint8Array, start: number, group: number): number {
  if (group < 4) return (bytes[start + group] ?? 0) & 63;
  const upper = ((bytes[start + group - 4] ?? 0) >> 6) << 4;
  return ((bytes[start + 4 + group] ?? 0) & 15) | upper;
}

function offsetOf(bytes: Uint8Array, start: number, group: number): number {
  if (group < 4) return (bytes[start + 4 + group] ?? 0) & 63;
  const upper = ((bytes[start + group] ?? 0) >> 6) << 4;
  return ((bytes[start + 4 + group] ?? 0) >> 4) | upper;
}

function bitAt(bytes: Uint8Array, start: number, index: number): number {
  return ((bytes[start + (index >> 3)] ?? 0) >> (index & 7)) & 1;
}

function signed(byte = 0): number {
  return (byte << 24) >> 24;
}
