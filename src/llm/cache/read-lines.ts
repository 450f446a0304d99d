import type { FileHandle } from "node:fs/promises";

const chunkBytes = 1 << 20;
const newline = 0x0a;

/**
 * Calls back for each line that a newline ends, without it, in order; what follows the last newline is left out.
 * Holds a megabyte or the longest line, whichever is more.
 *
 * @param onLine - the bytes are valid only during the call; `offsetBytes` is the line's first byte in the file
 */
export async function readLines(
  file: FileHandle,
  onLine: (line: Buffer, offsetBytes: number) => void,
): Promise<void> {
  let buffer = Buffer.allocUnsafe(chunkBytes);
  let held = 0;
  let heldFrom = 0;
  for (;;) {
    if (held === buffer.length) {
      const larger = Buffer.allocUnsafe(buffer.length * 2);
      buffer.copy(larger, 0, 0, held);
      buffer = larger;
    }
    const { bytesRead } = await file.read(buffer, held, buffer.length - held, heldFrom + held);
    if (bytesRead === 0) return;
    const filled = buffer.subarray(0, held + bytesRead);
    let start = 0;
    for (
      let end = filled.indexOf(newline, held);
      end !== -1;
      end = filled.indexOf(newline, start)
    ) {
      onLine(filled.subarray(start, end), heldFrom + start);
      start = end + 1;
    }
    buffer.copyWithin(0, start, filled.length);
    held = filled.length - start;
    heldFrom += start;
  }
}
