import { randomUUID } from "node:crypto";
import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  AnswerPending,
  type AnswerCache,
  type ChatCall,
  type ChatClient,
  type StoredAnswer,
} from "../chat.ts";
import { payloadKey } from "../cache/payload-key.ts";
import { checkExtra } from "../openai/request-body.ts";
import { samplingOf } from "../settings.ts";
import type { BatchJsonlSettings, OpenaiBatchSettings } from "./batch-settings.ts";
import { addressOf, type QueuedRequest } from "./queued-request.ts";

/** Most keys remembered as queued. Beyond, a request may be queued twice, which collecting undoes. */
const seenKeys = 1_000_000;

/**
 * A client that never waits: prompts without a cached answer are written once to its own file in `queueDir`, for `collectAnswers`, and
 * {@link AnswerPending} is thrown.
 *
 * @throws FlowError `CONFIG_INVALID` for sampling that the engine cannot send
 */
export async function batchClient(
  settings: BatchJsonlSettings | OpenaiBatchSettings,
  cache: AnswerCache,
  queueDir: string,
): Promise<ChatClient> {
  await mkdir(queueDir, { recursive: true });
  const { provider, model } = settings;
  const sampling = samplingOf(settings);
  checkExtra(sampling.extra);
  const service = provider === "openai-batch" ? addressOf(settings) : null;
  const append = appender(join(queueDir, `${randomUUID()}.jsonl`));
  const queued = new Map<bigint, Promise<void>>();
  return {
    provider,
    model,
    inFlight: 256,
    ask: async (question, signal) => {
      signal.throwIfAborted();
      const { promptVersion, messages, schema, sample, isRenewed } = question;
      const payload = { model, promptVersion, messages, sampling, schema, sample };
      const key = payloadKey(payload);
      if (isRenewed) await cache.forget(key);
      const known = await cache.get(key);
      if (known !== null) return asCall(provider, known);
      const short = BigInt(`0x${key.slice(0, 16)}`);
      let writing = queued.get(short);
      if (writing === undefined) {
        const request: QueuedRequest = { key, service, payload };
        writing = append(`${JSON.stringify(request)}\n`);
        if (queued.size >= seenKeys) queued.clear();
        queued.set(short, writing);
      }
      await writing;
      throw new AnswerPending(`the answer of ${model} comes by batch`);
    },
  };
}

function asCall(provider: string, answer: StoredAnswer): ChatCall {
  return { ...answer, provider, isCached: true };
}

/** Appends texts to a file. Texts that arrive during a write are written together by the next one. */
function appender(path: string): (text: string) => Promise<void> {
  let waiting: string[] = [];
  let next: Promise<void> | null = null;
  let last: Promise<void> = Promise.resolve();
  return (text) => {
    waiting.push(text);
    next ??= last
      .catch(() => undefined)
      .then(async () => {
        const texts = waiting;
        waiting = [];
        next = null;
        await appendFile(path, texts.join(""));
      });
    last = next;
    return next;
  };
}
