import { rm } from "node:fs/promises";
import { join } from "node:path";
import { FlowError, reasonOf } from "../../base/errors.ts";
import type { AnswerCache } from "../chat.ts";
import { mostCostUsd } from "../cost.ts";
import { mostUsage } from "../most-usage.ts";
import type { Prices } from "../settings.ts";
import { namesIn } from "../../base/files/durable-file.ts";
import { lineText, readFileLines } from "../read-lines.ts";
import { queueFile } from "./clear-queue.ts";
import { queuedRequest, type QueuedRequest, type ServiceAddress } from "./queued-request.ts";

/** A queued request without its payload, and the place of its line. */
export interface QueueEntry {
  readonly key: string;
  readonly model: string;
  readonly promptVersion: string;
  readonly service: ServiceAddress | null;
  /** Highest cost in US dollars; null when no price is known. */
  readonly mostCostUsd: number | null;
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
}

/** What is queued. */
export interface Queue {
  /** Requests without a cached answer, one per key, sorted by key. */
  readonly entries: readonly QueueEntry[];
  /** Lines whose answer is in the cache already. */
  readonly answered: number;
}

interface ReadOptions {
  readonly cache: AnswerCache;
  readonly prices: Prices;
  readonly signal: AbortSignal;
}

/**
 * Reads a queue. Files without unanswered requests are removed. A line cut off by a crash is skipped: its prompt is asked again.
 * Memory: one entry per request, without payloads.
 *
 * @throws FlowError `RUN_INVALID` for a damaged line
 */
export async function readQueue(
  queueDir: string,
  { cache, prices, signal }: ReadOptions,
): Promise<Queue> {
  const entries = new Map<string, QueueEntry>();
  let answered = 0;
  const services = new Map<string, ServiceAddress>();
  for (const name of await namesIn(queueDir)) {
    if (!name.endsWith(".jsonl")) continue;
    const path = join(queueDir, name);
    let isNeeded = false;
    let isOwn = queueFile.test(name);
    for await (const line of readFileLines(path)) {
      signal.throwIfAborted();
      if (!line.isWhole) continue;
      const { key, service, payload } = parseQueued(lineText(line), `${path}, line ${line.number}`);
      isOwn = true;
      if (entries.has(key)) continue;
      if ((await cache.get(key)) !== null) {
        answered += 1;
        continue;
      }
      isNeeded = true;
      const text = JSON.stringify(service);
      const shared = service && (services.get(text) ?? service);
      if (shared !== null) services.set(text, shared);
      const { model, promptVersion } = payload;
      const place = { path, offset: line.offset, bytes: line.bytes.length };
      const mostUsd = mostCostUsd(mostUsage(payload), prices[model] ?? null);
      entries.set(key, {
        key,
        model,
        promptVersion,
        service: shared,
        mostCostUsd: mostUsd,
        ...place,
      });
    }
    if (!isNeeded && isOwn) await rm(path);
  }
  const sorted = [...entries.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  return { entries: sorted, answered };
}

/**
 * Parses one line of a queue.
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
