import { readChunks } from "./read-chunks.ts";

/** A line of a text file, without its line break. */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly bytes: Buffer;
  /** Whether `bytes` is only its start, because the line is longer than {@link maxLineBytes}. */
  readonly isCut: boolean;
}

/** Most bytes of a line that are kept. 1 MiB. */
export const maxLineBytes = 1024 * 1024;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Reads the lines of a file, gzipped or not, in chunks and without a byte order mark. At most {@link maxLineBytes} of a line are kept in
 * memory.
 *
 * @throws what {@link readChunks} throws
 */
export async function* readLines(
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<readonly Line[]> {
  let number = 0;
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  const keep = (piece: Buffer): void => {
    const room = maxLineBytes + 1 - pendingBytes;
    if (room > 0 && piece.length > 0) pending.push(piece.subarray(0, room));
    pendingBytes += piece.length;
  };
  const take = (): Line => {
    const isCut = pendingBytes > maxLineBytes;
    const whole = pending.length === 1 ? (pending[0] ?? Buffer.alloc(0)) : Buffer.concat(pending);
    pending = [];
    pendingBytes = 0;
    number++;
    return { number, bytes: trimmed(whole, number), isCut };
  };
  for await (const chunk of readChunks(path, signal)) {
    const lines: Line[] = [];
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(lineFeed, start);
      if (end === -1) break;
      keep(chunk.subarray(start, end));
      lines.push(take());
      start = end + 1;
    }
    keep(chunk.subarray(start));
    if (lines.length > 0) yield lines;
  }
  if (pendingBytes > 0) yield [take()];
}

/** Removes a carriage return at the end and, from the first line, a byte order mark. */
function trimmed(bytes: Buffer, number: number): Buffer {
  const end = bytes.at(-1) === carriageReturn ? -1 : bytes.length;
  const hasMark = number === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return bytes.subarray(hasMark ? 3 : 0, end);
}
