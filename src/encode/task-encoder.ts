import { join } from "node:path";
import type { TaskContext } from "../flow/task.ts";
import { answerFolders } from "../llm/cache/answer-folders.ts";
import { openTokenCounter } from "../llm/count-tokens.ts";
import { openLlm } from "../llm/llm.ts";
import { configuredEncoder } from "./configured-encoder.ts";
import type { Encoder } from "./model/encoder.ts";
import { encoderSpec } from "./folder/encoder-spec.ts";
import { remoteEncoder } from "./remote/remote-encoder.ts";
import { remoteHash, servedIdentity } from "./remote/remote-identity.ts";
import type { EncodeSettings, SpendingSettings } from "./settings.ts";
import { cachedEncoder } from "./cache/cached-encoder.ts";
import { openVectorCache } from "./cache/vector-cache.ts";

/**
 * The encoder of a task, with the run's vectors before it. It lives as long as the worker: loading it takes longer than many a
 * partition, and tasks that ask a server share its limits.
 *
 * @throws FlowError as opening encoder, cache and client does
 */
export function taskEncoder(
  settings: EncodeSettings,
  spending: SpendingSettings,
  context: TaskContext,
): Promise<Encoder> {
  return context.shared(`encoder ${JSON.stringify(settings)}`, async () => {
    const cache = await openVectorCache(
      settings.vectors ?? join(context.runDir, "cache", "vectors"),
    );
    const spec = encoderSpec(settings.encoder);
    if (spec.kind !== "openai") {
      return cachedEncoder(await configuredEncoder(settings, context), cache);
    }
    const { model, baseUrl } = spec;
    const { remote } = settings;
    const llm = await openLlm({
      ...answerFolders(spending.answers, context.runDir),
      budget: spending.budget,
      prices: spending.prices,
    });
    return remoteEncoder({
      ...{ cache, settings },
      client: await llm.embedder({ ...remote, model, baseUrl }),
      counter: await openTokenCounter(remote.tokenizer),
      hash: await remoteHash(model, settings),
      served: servedIdentity(model, settings),
      close: async () => {
        await llm.close();
        await cache.close();
      },
    });
  });
}
