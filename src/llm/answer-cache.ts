import { randomBytes } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { mkdir, open, readdir, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { asExpected, FlowError } from "../errors.ts";
import type { AnswerCache, StoredAnswer } from "./chat.ts";
import { createHashIndex, type HashIndex, type Place } from "./hash-index.ts";
import { readLines } from "./read-lines.ts";
import { parseStoredLine, type StoredLine } from "./stored-line.ts";

/** Which folder, and whose answers count as paid for. */
export interface AnswerCacheOptions {
  /** Made when missing; may be shared by several runs, also at the same time. */
  readonly dir: string;
  /** Letters, digits, `.`, `_` and `-`. */
  readonly runId: string;
}

/** An {@link AnswerCache} that also remembers what the budget was charged for an answer of unknown cost. */
export interface ChargedAnswerCache extends AnswerCache {
  /** @param chargedUsd - counts in {@link AnswerCache.spent} where `costUsd` is null */
  readonly put: (answer: StoredAnswer, chargedUsd?: number) => Promise<void>;
}

const newline = 0x0a;
const segmentName = /^(?<runId>[\w.-]+)-[0-9a-f]{16}\.jsonl$/;

/**
 * Answers in append-only JSONL segments, one a session, `<runId>-<random>.jsonl`. All segments of the folder are indexed at
 * opening; in memory are the index and the answers not yet on disk, nothing else. Where runs that share the folder have
 * both paid for a prompt, either answer holds. What other sessions write later is not seen.
 *
 * A line is whole or ignored: the last line of a segment may be torn, by a session that was killed.
 *
 * @throws FlowError `RUN_INVALID` for a segment with an unreadable line before its last one
 * @throws FlowError `OUTPUT_FAILED` from opening and `put` when the folder cannot be written
 */
export async function openAnswerCache({
  dir,
  runId,
}: AnswerCacheOptions): Promise<ChargedAnswerCache> {
  const ownName = `${runId}-${randomBytes(8).toString("hex")}.jsonl`;
  if (segmentName.exec(ownName)?.groups?.["runId"] !== runId) {
    throw new Error(`internal: "${runId}" cannot be part of a file name`);
  }
  const index = createHashIndex();
  const segments: string[] = [];
  const spent = { requests: 0, costUsd: 0 };
  const charge = ({ costUsd, chargedUsd }: Pick<StoredLine, "costUsd" | "chargedUsd">): void => {
    spent.requests += 1;
    spent.costUsd += costUsd ?? chargedUsd ?? 0;
  };

  await mkdir(dir, { recursive: true }).catch(rethrowExpected);
  for (const name of (await readdir(dir)).sort()) {
    const owner = segmentName.exec(name)?.groups?.["runId"];
    if (owner === undefined) continue;
    const path = join(dir, name);
    const segment = segments.push(path) - 1;
    await indexSegment(path, segment, index, owner === runId ? charge : null);
  }
  const writer = segmentWriter(join(dir, ownName), segments.push(join(dir, ownName)) - 1, index);

  const readers = new Map<number, number>();
  const reader = (segment: number, path: string): number => {
    const known = readers.get(segment);
    if (known !== undefined) return known;
    const opened = openSync(path, "r");
    readers.set(segment, opened);
    return opened;
  };

  // Reads a few kilobytes the system mostly holds in memory: waiting for them takes less than handing them to a thread.
  const read = ({ segment, offsetBytes, bytes }: Place): StoredLine => {
    const path = segments[segment] ?? "";
    try {
      const buffer = Buffer.allocUnsafe(bytes);
      const bytesRead = readSync(reader(segment, path), buffer, 0, bytes, offsetBytes);
      const line = bytesRead === bytes ? parseStoredLine(buffer) : null;
      if (line !== null) return line;
    } catch (cause) {
      throw vanished(path, cause);
    }
    throw vanished(path, undefined);
  };

  const find = (key: string): StoredAnswer | null => {
    const waiting = writer.waiting(key);
    if (waiting) return waiting;
    for (const place of index.find(key)) {
      const { model, promptVersion, answer, usage, costUsd, latencyMs, attempts, ...rest } =
        read(place);
      if (rest.key !== key) continue;
      return { key, model, promptVersion, answer, usage, costUsd, latencyMs, attempts };
    }
    return null;
  };

  return {
    // eslint-disable-next-line @typescript-eslint/require-await -- so that what find throws is a rejection
    get: async (key) => find(key),
    put: async (answer, chargedUsd) => {
      if (answer.answer.status === "failed") {
        throw new Error(`internal: a prompt that may be answered yet is not to be remembered`);
      }
      await writer.append(answer, chargedUsd);
      charge({ costUsd: answer.costUsd, chargedUsd });
    },
    spent: () => ({ ...spent }),
    close: async () => {
      await writer.close();
      for (const opened of readers.values()) closeSync(opened);
      readers.clear();
    },
  };
}

async function indexSegment(
  path: string,
  segment: number,
  index: HashIndex,
  charge: ((line: StoredLine) => void) | null,
): Promise<void> {
  const file = await open(path, "r");
  try {
    let number = 0;
    let unreadable: number | null = null;
    await readLines(file, (bytes, offsetBytes) => {
      number += 1;
      if (unreadable !== null) {
        throw new FlowError(
          "RUN_INVALID",
          `${path}: line ${unreadable} is not an answer as it was written. ` +
            "Remove that line, or the file: the prompts it answers are then asked, and paid for, again.",
        );
      }
      const line = parseStoredLine(bytes);
      if (line === null) {
        unreadable = number;
        return;
      }
      index.add(line.key, { segment, offsetBytes, bytes: bytes.length });
      charge?.(line);
    });
  } finally {
    await file.close();
  }
}

interface SegmentWriter {
  /** Resolves once the line is in the file. */
  readonly append: (answer: StoredAnswer, chargedUsd: number | undefined) => Promise<void>;
  /** An answer on its way to the file. */
  readonly waiting: (key: string) => StoredAnswer | undefined;
  readonly close: () => Promise<void>;
}

/** Appends lines: one write at a time, of all that has gathered meanwhile. The file is made by the first. */
function segmentWriter(path: string, segment: number, index: HashIndex): SegmentWriter {
  const answers = new Map<string, StoredAnswer>();
  let gathered = createLines();
  let spare = createLines();
  let next: Promise<void> | null = null;
  let last: Promise<void> = Promise.resolve();
  let file: FileHandle | null = null;
  let isClosed = false;
  let writtenBytes = 0;

  const writeGathered = async (): Promise<void> => {
    const lines = gathered;
    gathered = spare;
    spare = lines;
    next = null;
    file ??= await open(path, "wx");
    for (let done = 0; done < lines.usedBytes;) {
      const length = lines.usedBytes - done;
      done += (await file.write(lines.buffer, done, length, writtenBytes + done)).bytesWritten;
    }
    for (const { key, bytes } of lines.entries) {
      index.add(key, { segment, offsetBytes: writtenBytes, bytes: bytes - 1 });
      writtenBytes += bytes;
      answers.delete(key);
    }
    lines.entries = [];
    lines.usedBytes = 0;
  };

  return {
    waiting: (key) => answers.get(key),
    append: (answer, chargedUsd) => {
      if (isClosed) return Promise.reject(new Error("internal: the answer cache is closed"));
      const isCharged = answer.costUsd === null && chargedUsd !== undefined;
      addLine(gathered, answer.key, JSON.stringify(isCharged ? { ...answer, chargedUsd } : answer));
      answers.set(answer.key, answer);
      // A failed write fails all that come after it: `last` stays rejected.
      next ??= last = last.then(writeGathered).catch(rethrowExpected);
      return next;
    },
    close: async () => {
      isClosed = true;
      await last.catch(() => undefined); // whoever waits for the write has been told
      await file?.close();
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

function vanished(path: string, cause: unknown): FlowError {
  return new FlowError(
    "RUN_INVALID",
    `${path}: changed or removed while it was in use. Run again: what it no longer holds is asked again.`,
    { cause },
  );
}

function rethrowExpected(error: unknown): never {
  throw asExpected(error);
}
