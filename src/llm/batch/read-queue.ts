import { rm } from "node:fs/promises";
import { join } from "node:path";
import { FlowError, reasonOf } from "../../errors.ts";
import type { AnswerCache } from "../chat.ts";
import { sortedNames } from "./durable-file.ts";
import { linesOfFile } from "./json-lines.ts";
import { queuedRequest, type QueuedRequest, type ServiceAddress } from "./queued-request.ts";

/** A queued request without its payload, and where its line stands. */
export interface QueueEntry {
  readonly key: string;
  readonly model: string;
  readonly promptVersion: string;
  readonly service: ServiceAddress | null;
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
}

/**
 * The queued requests that the cache has no answer to, one a key, by key. Files without any are removed; a line cut off by a
 * crash is passed over, since who asked it asks again. Memory: one entry a request, no payload.
 *
 * @throws FlowError `RUN_INVALID` for a damaged line
 */
export async function readQueue(
  queueDir: string,
  cache: AnswerCache,
  signal: AbortSignal,
): Promise<readonly QueueEntry[]> {
  const entries = new Map<string, QueueEntry>();
  const services = new Map<string, ServiceAddress>();
  for (const name of await sortedNames(queueDir)) {
    if (!name.endsWith(".jsonl")) continue;
    const path = join(queueDir, name);
    let isNeeded = false;
    for await (const line of linesOfFile(path)) {
      signal.throwIfAborted();
      if (!line.isWhole) continue;
      const { key, service, payload } = parseQueued(line.text, `${path}, line ${line.number}`);
      if (entries.has(key) || (await cache.get(key)) !== null) continue;
      isNeeded = true;
      const text = JSON.stringify(service);
      const shared = service && (services.get(text) ?? service);
      if (shared !== null) services.set(text, shared);
      const { model, promptVersion } = payload;
      const { offset, bytes } = line;
      entries.set(key, { key, model, promptVersion, service: shared, path, offset, bytes });
    }
    if (!isNeeded) await rm(path);
  }
  return [...entries.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/**
 * One line of a queue.
 *
 * @throws FlowError `RUN_INVALID`
 */
export function parseQueued(text: string, where: string): QueuedRequest {
  try {
    return queuedRequest.parse(JSON.parse(text));
  } catch (error) {
    throw new FlowError("RUN_INVALID", `${where}: no queued request: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
