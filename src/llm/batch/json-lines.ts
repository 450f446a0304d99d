import { createReadStream } from "node:fs";

/** A line of a file, with where it stands. */
export interface Line {
  /** Without the line break. */
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** Of its first byte. */
  readonly offset: number;
  /** Without the line break. */
  readonly bytes: number;
  /** False for the last line of a file that does not end with a line break. */
  readonly isWhole: boolean;
}

const lineFeed = 10;

/** The lines of a stream of UTF-8, one at a time; memory holds the longest line and one chunk. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let offset = 0;
  let number = 0;
  const take = (isWhole: boolean): Line => {
    const joined = Buffer.concat(parts);
    const line = { text: textOf(joined, offset), number: ++number, offset, bytes: joined.length };
    offset += joined.length + 1;
    parts = [];
    return { ...line, isWhole };
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, from)) {
      parts.push(chunk.subarray(from, end));
      from = end + 1;
      yield take(true);
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
  }
  if (parts.length > 0) yield take(false);
}

/** {@link linesOf} a file. */
export function linesOfFile(path: string): AsyncGenerator<Line> {
  return linesOf(createReadStream(path, { highWaterMark: 1 << 20 }));
}

/** Without the carriage return of Windows and without a byte order mark. */
function textOf(bytes: Buffer, offset: number): string {
  const text = bytes.toString("utf8").replace(/\r$/, "");
  return offset === 0 && text.startsWith("\uFEFF") ? text.slice(1) : text;
}
