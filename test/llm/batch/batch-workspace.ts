import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { openAnswerCache } from "../../../src/llm/cache/answer-cache.ts";
import { batchClient } from "../../../src/llm/batch/batch-client.ts";
import type { BatchProgress } from "../../../src/llm/batch/batch-progress.ts";
import { collectAnswers } from "../../../src/llm/batch/collect-answers.ts";
import type { FileLimits } from "../../../src/llm/batch/write-request-files.ts";
import { AnswerPending, type ChatCall, type ChatQuestion } from "../../../src/llm/chat.ts";
import {
  batchJsonlSettings,
  openaiBatchSettings,
  type BatchJsonlSettings,
  type OpenaiBatchSettings,
} from "../../../src/llm/batch/batch-settings.ts";
import type { Budget } from "../../../src/llm/settings.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";

/** A question whose only message is the text. */
export function questionOf(text: string): ChatQuestion {
  const messages = [{ role: "user", content: text } as const];
  return { promptVersion: "p1", messages, schema: null, sample: 0 };
}

export function jsonlSettings(model = "m1"): BatchJsonlSettings {
  return batchJsonlSettings.parse({ provider: "batch-jsonl", model });
}

export function serviceSettings(baseUrl: string, model = "m1"): OpenaiBatchSettings {
  const apiKeyEnv = "R4EC_TEST_BATCH_KEY";
  return openaiBatchSettings.parse({
    provider: "openai-batch",
    model,
    baseUrl,
    apiKeyEnv,
    pollS: 0.002,
  });
}

/** The folders of a run that asks by batch, in `folder` or a new one. Every call opens its cache anew, as another session would. */
export interface BatchWorkspace {
  readonly folder: string;
  readonly queueDir: string;
  readonly batchDir: string;
  /** Asks each text: the call, or null where it is pending. */
  readonly ask: (
    settings: BatchJsonlSettings | OpenaiBatchSettings,
    texts: readonly string[],
  ) => Promise<readonly (ChatCall | null)[]>;
  readonly collect: (options?: {
    readonly signal?: AbortSignal;
    readonly limits?: FileLimits;
    readonly budget?: Budget;
    readonly onProgress?: (progress: BatchProgress) => void;
  }) => Promise<{ readonly answered: number }>;
  /** Names in the batch folder, without the ledger. */
  readonly names: () => Promise<readonly string[]>;
  readonly lines: (name: string) => Promise<readonly RequestLine[]>;
}

/** A line of a requests file, as far as tests look at it. */
export interface RequestLine {
  readonly custom_id: string;
  readonly body: { readonly model: string; readonly messages: readonly { content: string }[] };
}

const testPrices = { m1: { prompt: 2, completion: 10 } };

export async function batchWorkspace(): Promise<BatchWorkspace> {
  return workspaceIn(await scratchFolder());
}

/** The workspace of a folder, which another process may have worked in. */
export function workspaceIn(folder: string): BatchWorkspace {
  const queueDir = join(folder, "queue");
  const batchDir = join(folder, "batches");
  const withCache = async <T>(
    use: (cache: Awaited<ReturnType<typeof openAnswerCache>>) => Promise<T>,
  ): Promise<T> => {
    const cache = await openAnswerCache({ dir: join(folder, "cache"), runId: "run" });
    try {
      return await use(cache);
    } finally {
      await cache.close();
    }
  };
  return {
    folder,
    queueDir,
    batchDir,
    ask: (settings, texts) =>
      withCache(async (cache) => {
        const client = await batchClient(settings, cache, queueDir);
        const { signal } = new AbortController();
        return Promise.all(
          texts.map((text) =>
            client.ask(questionOf(text), signal).catch((error: unknown) => {
              if (error instanceof AnswerPending) return null;
              throw error;
            }),
          ),
        );
      }),
    collect: ({ signal = new AbortController().signal, ...options } = {}) =>
      withCache((cache) =>
        collectAnswers({ queueDir, batchDir, cache, prices: testPrices, signal, ...options }),
      ),
    names: async () => (await readdir(batchDir)).filter((name) => name !== "ledger").sort(),
    lines: async (name) => {
      const text = await readFile(join(batchDir, name), "utf8");
      return text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as RequestLine);
    },
  };
}

/** The text that a request asks with. */
export function textOf({ body }: RequestLine): string {
  return body.messages.map(({ content }) => content).join("");
}

/** Texts "q0", "q1", …. */
export function texts(count: number, prefix = "q"): readonly string[] {
  return Array.from({ length: count }, (_, number) => `${prefix}${number}`);
}
