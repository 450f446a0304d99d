import type { FileHandle } from "node:fs/promises";
import { FlowError, reasonOf } from "../../base/errors.ts";
import type { NumberFormat } from "./number-format.ts";

/** Numbers in an open file. */
export interface StoredNumbers {
  readonly handle: FileHandle;
  /** The file's path and the tensor's name, for errors. */
  readonly whose: string;
  /** Of the first byte, in the file. */
  readonly position: number;
  readonly format: NumberFormat;
  /** How many; a multiple of the format's block. */
  readonly count: number;
}

/** Bytes that are read at a time, at most. */
const chunkBytes = 4 << 20;

/**
 * Reads numbers as float32, a chunk at a time.
 *
 * @throws FlowError `INPUT_INVALID` where the file ends before them, `OUT_OF_MEMORY`
 */
export async function readNumbers(numbers: StoredNumbers): Promise<Float32Array<ArrayBuffer>> {
  const { handle, whose, position, format, count } = numbers;
  const values = allocate(count, whose);
  const blocksAtOnce = Math.floor(chunkBytes / format.blockBytes);
  const blocks = count / format.blockSize;
  const chunk = new Uint8Array(Math.min(blocks, blocksAtOnce) * format.blockBytes);
  for (let done = 0; done < blocks; done += blocksAtOnce) {
    const bytes = chunk.subarray(0, Math.min(blocks - done, blocksAtOnce) * format.blockBytes);
    await readExactly(handle, bytes, position + done * format.blockBytes, whose);
    format.decode(bytes, values, done * format.blockSize);
  }
  return values;
}

/** Fills `bytes` from a position of a file. @throws FlowError `INPUT_INVALID` where it ends before */
export async function readExactly(
  handle: FileHandle,
  bytes: Uint8Array,
  position: number,
  whose: string,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) {
      throw new FlowError("INPUT_INVALID", `${whose}: the file ends at byte ${position + done}`);
    }
    done += bytesRead;
  }
}

function allocate(count: number, whose: string): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(count);
  } catch (cause) {
    throw new FlowError(
      "OUT_OF_MEMORY",
      `${whose}: no memory for ${count} numbers (${reasonOf(cause)}): take a smaller model`,
      { cause },
    );
  }
}
