/**
 * @file The numbers of a model in training: parameters, gradients and Adam's two moments, side by side in one WebAssembly
 * memory. ONNX Runtime reads parameters and writes gradients there, the Adam kernel updates there: nothing is copied.
 */
import { FlowError, reasonOf } from "../base/errors.ts";

/** One tensor's place in each region, in floats. */
export interface Slot {
  readonly offset: number;
  readonly length: number;
}

/** One region: every tensor's slot, then zeros up to a multiple of {@link alignment}. */
export interface Region {
  /** Where it begins in the memory. */
  readonly byteOffset: number;
  readonly values: Float32Array;
}

/** Four regions of one layout. */
export interface Arena {
  readonly memory: WebAssembly.Memory;
  /** In the order of the lengths asked for. */
  readonly slots: readonly Slot[];
  readonly parameters: Region;
  readonly gradients: Region;
  /** Adam's m and v. */
  readonly firstMoments: Region;
  readonly secondMoments: Region;
}

/** Every slot begins at a multiple of this many floats: a cache line. The gaps hold zeros and stay zero under Adam. */
export const alignment = 16;

const floatBytes = 4;
const pageBytes = 65_536;

/**
 * Room for tensors of the given lengths, all zero.
 *
 * @param lengths - Floats in each tensor
 * @throws FlowError `STAGE_FAILED` where the machine or WebAssembly (4 GiB) has too little memory
 */
export function createArena(lengths: readonly number[]): Arena {
  const slots: Slot[] = [];
  let floats = 0;
  for (const length of lengths) {
    slots.push({ offset: floats, length });
    floats += Math.ceil(length / alignment) * alignment;
  }
  const regionBytes = floats * floatBytes;
  const memory = allocate(4 * regionBytes);
  const region = (index: number): Region => ({
    byteOffset: index * regionBytes,
    values: new Float32Array(memory.buffer, index * regionBytes, floats),
  });
  return {
    memory,
    slots,
    parameters: region(0),
    gradients: region(1),
    firstMoments: region(2),
    secondMoments: region(3),
  };
}

/** A tensor's values in a region. */
export function slotValues(region: Region, { offset, length }: Slot): Float32Array {
  return region.values.subarray(offset, offset + length);
}

function allocate(bytes: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / pageBytes)) });
  } catch (cause) {
    throw new FlowError(
      "STAGE_FAILED",
      `Cannot allocate ${Math.ceil(bytes / 2 ** 20)} MiB for parameters, gradients and optimiser state (${reasonOf(cause)}). ` +
        "The limit is 4096 MiB, 16 bytes per parameter: train fewer parameters.",
      { cause },
    );
  }
}
