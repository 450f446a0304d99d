import { closeSync, openSync, writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { asExpected } from "../../base/errors.ts";
import type { HashIndex } from "./hash-index.ts";

const newline = 0x0a;

/** Where a session's values go. */
export interface SegmentWriter<V> {
  /** Resolves once the line is in the file. */
  readonly append: (value: V, line: string) => Promise<void>;
  /** A value on its way to the file. */
  readonly waiting: (key: string) => V | undefined;
  readonly close: () => Promise<void>;
}

/**
 * Appends lines, all that gather in one turn of the event loop by one write. The file is made by the first. The system takes a few
 * kilobytes into its memory: waiting for that takes less than handing them to a thread.
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
      failure = error; // a torn line ends the file: nothing may come after it
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
      await next?.catch(() => undefined); // whoever waits for the write has been told
      if (file !== null) closeSync(file);
      file = null;
    },
  };
}

/** Lines one after the other, as they go to the file. */
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

/** For `catch`: rethrows errors of space and permission as the expected failures they are. */
export function rethrowExpected(error: unknown): never {
  throw asExpected(error);
}
