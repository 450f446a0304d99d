/**
 * @file Parameters, gradients and Adam's two moments in one WebAssembly memory. ONNX Runtime reads parameters and writes gradients
 * there, and the Adam kernel updates them in place: nothing is copied.
 */
import { FlowError, reasonOf } from "../base/errors.ts";

/** A tensor's position in each region, in floats. */
export interface Slot {
  readonly offset: number;
  readonly length: number;
}

/** One number per parameter: the slots of all tensors, padded with zeros to multiples of {@link alignment}. */
export interface Region {
  /** Start in the memory. */
  readonly byteOffset: number;
  readonly values: Float32Array;
}

/** Four regions with the same layout. */
export interface Arena {
  readonly memory: WebAssembly.Memory;
  /** In the order of the requested lengths. */
  readonly slots: readonly Slot[];
  readonly parameters: Region;
  readonly gradients: Region;
  /** Adam's m and v. */
  readonly firstMoments: Region;
  readonly secondMoments: Region;
}

/** Slots start at multiples of this many floats, a cache line. The gaps are zero, and Adam keeps them so. */
export const alignment = 16;

const floatBytes = 4;
const pageBytes = 65_536;

/**
 * Allocates an arena of zeros.
 *
 * @param lengths - Floats in each tensor
 * @throws FlowError `STAGE_FAILED` if memory runs out; WebAssembly's limit is 4 GiB
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

/** A view of a tensor's values in a region. */
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
