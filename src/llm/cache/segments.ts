import { randomBytes } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { FlowError } from "../../base/errors.ts";
import { createHashIndex, type Place } from "./hash-index.ts";
import { readFileLines } from "../read-lines.ts";
import { rethrowExpected, segmentWriter, type WriterOptions } from "./segment-writer.ts";

/** Values by key in append-only files. */
export interface Segments<V> {
  /** @throws FlowError `RUN_INVALID` when a file was changed or removed meanwhile */
  readonly find: (key: string) => V | null;
  /** All values under a key, in any order. @throws As {@link Segments.find} */
  readonly findAll: (key: string) => readonly V[];
  /** Once it resolves, the value survives `kill -9`. @throws FlowError `OUTPUT_FAILED` */
  readonly append: (value: V) => Promise<void>;
  /** Waits while the disk is full. @throws FlowError `OUTPUT_FAILED` once values could not be written */
  readonly ready: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The folder, and how values are written as lines. */
export interface SegmentsOptions<V> extends Omit<WriterOptions, "names"> {
  /** Created if missing; may be shared by several runs, also concurrently. */
  readonly dir: string;
  /** Letters, digits, `.`, `_` and `-`. */
  readonly runId: string;
  /** File extension, without the dot. */
  readonly extension: string;
  /** For messages: what a value is, and what happens when its line is lost. */
  readonly names: { readonly value: string; readonly lost: string };
  /** Without a newline. */
  readonly print: (value: V) => string;
  /** Null for a line that {@link SegmentsOptions.print} did not write. */
  readonly parse: (line: Buffer) => V | null;
  /** The key of a line read at opening; null as for {@link SegmentsOptions.parse}. `isOwn`: this run wrote it. */
  readonly keyOf: (line: Buffer, isOwn: boolean) => string | null;
}

/**
 * Values in append-only segments, one line per value and one segment per session: `<runId>-<random>.<extension>`. Opening indexes all
 * segments of the folder; memory holds the index and the values not yet on disk. If a key has several values, any of them is returned.
 * Values that other sessions write later are not seen.
 *
 * The last line of a segment is ignored when torn, by a session that was killed.
 *
 * @throws FlowError `RUN_INVALID` for a segment with an unreadable line before its last one
 * @throws FlowError `OUTPUT_FAILED` when the folder cannot be written
 */
export async function openSegments<V extends { readonly key: string }>(
  options: SegmentsOptions<V>,
): Promise<Segments<V>> {
  const { dir, runId, extension, print, parse } = options;
  const segmentName = new RegExp(`^(?<runId>[\\w.-]+)-[0-9a-f]{16}\\.${extension}$`);
  const ownName = `${runId}-${randomBytes(8).toString("hex")}.${extension}`;
  if (segmentName.exec(ownName)?.groups?.["runId"] !== runId) {
    throw new Error(`internal: "${runId}" cannot be part of a file name`);
  }
  const index = createHashIndex();
  const segments: string[] = [];
  await mkdir(dir, { recursive: true }).catch(rethrowExpected);
  for (const name of (await readdir(dir)).sort()) {
    const owner = segmentName.exec(name)?.groups?.["runId"];
    if (owner === undefined) continue;
    const path = join(dir, name);
    const segment = segments.push(path) - 1;
    await eachLine(path, options, owner === runId, (key, place) => {
      index.add(key, { segment, ...place });
    });
  }
  const ownPath = join(dir, ownName);
  const writer = segmentWriter<V>(ownPath, segments.push(ownPath) - 1, index, options);

  const readers = new Map<number, number>();
  const reader = (segment: number, path: string): number => {
    const known = readers.get(segment);
    if (known !== undefined) return known;
    const opened = openSync(path, "r");
    readers.set(segment, opened);
    return opened;
  };

  // Synchronous: reading a few kilobytes from the page cache takes less time than handing them to a thread.
  const read = ({ segment, offsetBytes, bytes }: Place): V => {
    const path = segments[segment] ?? "";
    try {
      const buffer = Buffer.allocUnsafe(bytes);
      const bytesRead = readSync(reader(segment, path), buffer, 0, bytes, offsetBytes);
      const value = bytesRead === bytes ? parse(buffer) : null;
      if (value !== null) return value;
    } catch (cause) {
      throw vanished(path, cause);
    }
    throw vanished(path, undefined);
  };

  return {
    find: (key) => {
      const waiting = writer.waiting(key);
      if (waiting) return waiting;
      for (const place of index.find(key)) {
        const value = read(place);
        if (value.key === key) return value;
      }
      return null;
    },
    findAll: (key) => {
      const written = index
        .find(key)
        .map(read)
        .filter((value) => value.key === key);
      const waiting = writer.waiting(key);
      return waiting ? [...written, waiting] : written;
    },
    append: (value) => writer.append(value, print(value)),
    ready: writer.ready,
    close: async () => {
      await writer.close();
      for (const opened of readers.values()) closeSync(opened);
      readers.clear();
    },
  };
}

async function eachLine<V>(
  path: string,
  { names, keyOf }: SegmentsOptions<V>,
  isOwn: boolean,
  onLine: (key: string, place: Omit<Place, "segment">) => void,
): Promise<void> {
  let unreadable: number | null = null;
  for await (const { bytes, number, offset, isWhole } of readFileLines(path)) {
    if (!isWhole) return;
    if (unreadable !== null) {
      throw new FlowError(
        "RUN_INVALID",
        `${path}: line ${unreadable} is not ${names.value} as it was written. ` +
          `Remove that line, or the file: ${names.lost}.`,
      );
    }
    const key = keyOf(bytes, isOwn);
    if (key === null) unreadable = number;
    else onLine(key, { offsetBytes: offset, bytes: bytes.length });
  }
}

function vanished(path: string, cause: unknown): FlowError {
  return new FlowError(
    "RUN_INVALID",
    `${path}: changed or removed while it was in use. Run again: what it no longer contains is asked again.`,
    { cause },
  );
}
