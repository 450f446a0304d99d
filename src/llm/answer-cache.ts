import { randomBytes } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { mkdir, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { FlowError } from "../errors.ts";
import type { AnswerCache, StoredAnswer } from "./chat.ts";
import { createHashIndex, type HashIndex, type Place } from "./hash-index.ts";
import { readLines } from "./read-lines.ts";
import { rethrowExpected, segmentWriter } from "./segment-writer.ts";
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

function vanished(path: string, cause: unknown): FlowError {
  return new FlowError(
    "RUN_INVALID",
    `${path}: changed or removed while it was in use. Run again: what it no longer holds is asked again.`,
    { cause },
  );
}
