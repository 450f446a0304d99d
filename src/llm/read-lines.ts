import { createReadStream } from "node:fs";

/** A line of UTF-8 text and its place in the file. */
export interface Line {
  /** Without the line break. */
  readonly bytes: Buffer;
  /** From 1. */
  readonly number: number;
  /** Offset of the first byte. */
  readonly offset: number;
  /** False for a last line without a line break. */
  readonly isWhole: boolean;
}

const lineFeed = 10;

/** Reads the lines of a stream one at a time. Memory: the longest line and one chunk. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let begun: Buffer[] = [];
  let offset = 0;
  let number = 0;
  for await (const chunk of chunks) {
    const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let from = 0;
    for (let end = buffer.indexOf(lineFeed); end !== -1; end = buffer.indexOf(lineFeed, from)) {
      let bytes = buffer.subarray(from, end);
      if (begun.length > 0) {
        bytes = Buffer.concat([...begun, bytes]);
        begun = [];
      }
      number += 1;
      yield { bytes, number, offset, isWhole: true };
      offset += bytes.length + 1;
      from = end + 1;
    }
    if (from < buffer.length) begun.push(buffer.subarray(from));
  }
  if (begun.length > 0)
    yield { bytes: Buffer.concat(begun), number: number + 1, offset, isWhole: false };
}

/** {@link readLines} of a file. */
export function readFileLines(path: string): AsyncGenerator<Line> {
  return readLines(createReadStream(path, { highWaterMark: 1 << 20 }));
}

/** The text of a line, without the carriage return of Windows and without a byte order mark. */
export function lineText({ bytes, offset }: Line): string {
  const text = bytes.toString("utf8").replace(/\r$/, "");
  return offset === 0 && text.startsWith("\uFEFF") ? text.slice(1) : text;
}
