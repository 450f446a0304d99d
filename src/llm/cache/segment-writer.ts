import { closeSync, openSync, writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { asExpected } from "../../base/errors.ts";
import type { HashIndex } from "./hash-index.ts";

const newline = 0x0a;

/** Writes the values of a session. */
export interface SegmentWriter<V> {
  /** Resolves once the line is in the file. */
  readonly append: (value: V, line: string) => Promise<void>;
  /** A value that is not in the file yet. */
  readonly waiting: (key: string) => V | undefined;
  readonly close: () => Promise<void>;
}

/**
 * Appends lines; those of one turn of the event loop are written together. The first write creates the file. Writes are synchronous:
 * copying a few kilobytes into the page cache takes less time than handing them to a thread.
 */
export function segmentWriter<V extends { readonly key: string }>(
  path: string,
  segment: number,
  index: HashIndex,
): SegmentWriter<V> {
  const values = new Map<string, V>();
  const gathered = createLines();
  let next: Promise<void> | null = null;
  let failure: unknown = null;
  let file: number | null = null;
  let isClosed = false;
  let writtenBytes = 0;

  const writeGathered = (): void => {
    next = null;
    if (failure !== null) rethrowExpected(failure);
    try {
      file ??= openSync(path, "wx");
      for (let done = 0; done < gathered.usedBytes;) {
        const length = gathered.usedBytes - done;
        done += writeSync(file, gathered.buffer, done, length, writtenBytes + done);
      }
    } catch (error) {
      failure = error; // the last line may be torn: nothing may follow it
      rethrowExpected(error);
    }
    for (const { key, bytes } of gathered.entries) {
      index.add(key, { segment, offsetBytes: writtenBytes, bytes: bytes - 1 });
      writtenBytes += bytes;
      values.delete(key);
    }
    gathered.entries = [];
    gathered.usedBytes = 0;
  };

  return {
    waiting: (key) => values.get(key),
    append: (value, line) => {
      if (isClosed) return Promise.reject(new Error("internal: the cache is closed"));
      addLine(gathered, value.key, line);
      values.set(value.key, value);
      next ??= setImmediate().then(writeGathered);
      return next;
    },
    close: async () => {
      isClosed = true;
      await next?.catch(() => undefined); // callers of append have received the error
      if (file !== null) closeSync(file);
      file = null;
    },
  };
}

/** Lines as they will be written. */
interface Lines {
  entries: { readonly key: string; readonly bytes: number }[];
  buffer: Buffer;
  usedBytes: number;
}

const firstLinesBytes = 1 << 16;
const mostBytesPerUnit = 3;

function createLines(): Lines {
  return { entries: [], buffer: Buffer.allocUnsafe(firstLinesBytes), usedBytes: 0 };
}

function addLine(lines: Lines, key: string, line: string): void {
  const mostBytes = lines.usedBytes + line.length * mostBytesPerUnit + 1;
  if (mostBytes > lines.buffer.length) {
    const larger = Buffer.allocUnsafe(Math.max(mostBytes, lines.buffer.length * 2));
    lines.buffer.copy(larger, 0, 0, lines.usedBytes);
    lines.buffer = larger;
  }
  const bytes = lines.buffer.write(line, lines.usedBytes) + 1;
  lines.usedBytes += bytes;
  lines.buffer[lines.usedBytes - 1] = newline;
  lines.entries.push({ key, bytes });
}

/** For `catch`: rethrows errors of space and permission as expected failures. */
export function rethrowExpected(error: unknown): never {
  throw asExpected(error);
}
