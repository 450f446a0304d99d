import { closeSync, openSync, writeSync } from "node:fs";
import { setImmediate, setTimeout as delay } from "node:timers/promises";
import { hasCode } from "../../base/files/durable-file.ts";
import { asExpected, FlowError, reasonOf } from "../../base/errors.ts";
import type { HashIndex } from "./hash-index.ts";

const newline = 0x0a;

/** Writes the values of a session. */
export interface SegmentWriter<V> {
  /** Resolves once the line is in the file. */
  readonly append: (value: V, line: string) => Promise<void>;
  /** Resolves at once, or when a full disk has room again. @throws As `append` does once it has given up */
  readonly ready: () => Promise<void>;
  /** A value that is not in the file yet. */
  readonly waiting: (key: string) => V | undefined;
  /** Tries once more to write what the disk had no room for. */
  readonly close: () => Promise<void>;
}

/** What a writer does when the disk is full, and how it writes. */
export interface WriterOptions {
  /** What could not be written, and what that means, for the message. */
  readonly names: { readonly value: string; readonly lost: string };
  /** How long values wait for room, ms. Default a minute. */
  readonly patienceMs?: number;
  /** Time between two attempts, ms. Default 0.5 s. */
  readonly retryMs?: number;
  /** Told when values begin to wait for room, and when they no longer do. */
  readonly onWait?: (text: string) => void;
  /** Default: Node's. Throws when it cannot write. @returns Bytes written */
  readonly write?: (file: number, bytes: Uint8Array, position: number) => number;
}

const writeAt = (file: number, bytes: Uint8Array, position: number): number =>
  writeSync(file, bytes, 0, bytes.length, position);

/**
 * Appends lines; those of one turn of the event loop are written together. The first write creates the file. Writes are synchronous:
 * copying a few kilobytes into the page cache takes less time than handing them to a thread.
 *
 * What a full disk has no room for stays in memory and is tried again, together with what arrives meanwhile.
 */
export function segmentWriter<V extends { readonly key: string }>(
  path: string,
  segment: number,
  index: HashIndex,
  { names, patienceMs = 60_000, retryMs = 500, onWait, write = writeAt }: WriterOptions,
): SegmentWriter<V> {
  const values = new Map<string, V>();
  const gathered = createLines();
  let next: Promise<void> | null = null;
  let failure: Error | null = null;
  let isFull = false;
  let waits = 0;
  let file: number | null = null;
  let writtenBytes = 0;
  const closing = new AbortController();

  /** A line that was torn by an earlier attempt is written over. */
  const writeGathered = (): void => {
    file ??= openSync(path, "wx");
    for (let done = 0; done < gathered.usedBytes;) {
      const left = gathered.buffer.subarray(done, gathered.usedBytes);
      done += write(file, left, writtenBytes + done);
    }
    for (const { key, bytes } of gathered.entries) {
      index.add(key, { segment, offsetBytes: writtenBytes, bytes: bytes - 1 });
      writtenBytes += bytes;
      values.delete(key);
    }
    gathered.entries = [];
    gathered.usedBytes = 0;
  };

  const flush = async (): Promise<void> => {
    await setImmediate();
    const sinceMs = performance.now();
    const untilMs = sinceMs + patienceMs;
    try {
      for (;;) {
        if (failure !== null) throw failure; // nothing may follow a torn line
        try {
          writeGathered();
          if (isFull)
            onWait?.(
              `${path}: there is room again after ${secondsSince(sinceMs)} s: all is written, and the work goes on`,
            );
          return;
        } catch (error) {
          const canWait = isNoRoom(error) && performance.now() < untilMs && !closing.signal.aborted;
          if (!canWait) {
            failure = unwritten(path, gathered.entries.length, names, error);
            throw failure;
          }
        }
        if (!isFull) onWait?.(waitText(path, (waits += 1), patienceMs));
        isFull = true;
        await delay(retryMs, undefined, { signal: closing.signal }).catch(() => undefined);
      }
    } finally {
      isFull = false;
      next = null;
    }
  };

  return {
    waiting: (key) => values.get(key),
    ready: async () => {
      if (failure !== null) throw failure;
      if (isFull) await next;
    },
    append: (value, line) => {
      if (closing.signal.aborted) return Promise.reject(new Error("internal: the cache is closed"));
      addLine(gathered, value.key, line);
      values.set(value.key, value);
      next ??= flush();
      return next;
    },
    close: async () => {
      closing.abort();
      await next?.catch(() => undefined); // callers of append have received the error
      if (file !== null) closeSync(file);
      file = null;
    },
  };
}

/** @param time - Which of the waits of a session this is, from 1 */
function waitText(path: string, time: number, patienceMs: number): string {
  return (
    `${path}: the disk is full${time === 1 ? "" : ` again (${time})`}: what has arrived waits up to ${patienceMs / 1000} s for room, ` +
    "and no request is sent meanwhile. Free some space there"
  );
}

function secondsSince(startMs: number): string {
  return ((performance.now() - startMs) / 1000).toFixed(1);
}

function isNoRoom(error: unknown): boolean {
  return hasCode(error, "ENOSPC") || hasCode(error, "EDQUOT");
}

function unwritten(
  path: string,
  count: number,
  { value, lost }: WriterOptions["names"],
  error: unknown,
): Error {
  if (!isNoRoom(error)) {
    const told = asExpected(error);
    return told instanceof Error ? told : new Error(reasonOf(told));
  }
  return new FlowError(
    "OUTPUT_FAILED",
    `${path}: the disk has no room for ${count === 1 ? value : `${count} lines, each ${value}`} (${reasonOf(error)}). ` +
      `Free some space there and run again: ${lost}.`,
    { cause: error },
  );
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
