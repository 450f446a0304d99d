import { FlowError } from "../base/errors.ts";
import { openFileLimit, requireConnections } from "../base/open-files.ts";
import { canonicalJson } from "../base/json.ts";
import type { RetryPolicy } from "../base/retry-policy.ts";
import { createAbortGroups } from "./ask/abort-groups.ts";
import { openAnswerCache } from "./cache/answer-cache.ts";
import { createAsker, type Endpoint } from "./ask/asker.ts";
import { jitter } from "./ask/backoff.ts";
import { createBudgetGate, type BudgetParts } from "./ask/budget-gate.ts";
import type { ChatClient, Transport } from "./chat.ts";
import { systemClock, type Clock } from "./ask/clock.ts";
import { answerLimit } from "./most-usage.ts";
import type { Price } from "./cost.ts";
import { createEmbedder } from "./embeddings/embedder.ts";
import type { EmbeddingClient, EmbeddingTransport } from "./embeddings/embeddings.ts";
import { createLimiter, type Limiter } from "./ask/limiter.ts";
import { shareOfLimits } from "./ask/share-of-limits.ts";
import { newTrial } from "./ask/trial.ts";
import type { LiveModel } from "./chat-provider.ts";
import { sharedThings } from "./shared-things.ts";
import { endpointName } from "./openai/endpoint-name.ts";
import { checkExtra } from "./openai/request-body.ts";
import { isLocalModel, openChatClient, type ChatSettings } from "./providers.ts";
import {
  samplingOf,
  type Budget,
  type EmbeddingSettings,
  type Limits,
  type Prices,
} from "./settings.ts";

/** A run's access to its models: one cache, one budget, and one limiter per model and endpoints. */
export interface Llm {
  /**
   * A client for a role. Roles with the same model at the same endpoints share its limiter; the lowest limits apply.
   *
   * @throws FlowError `CONFIG_INVALID` when a cost limit is set and the model has no price, or its answers no limit; for more requests in
   *   flight than files may be open; and as the transport does
   * @throws FlowError `DEPENDENCY_MISSING` when the provider's package is not installed
   */
  readonly client: (settings: ChatSettings) => Promise<ChatClient>;
  /**
   * A client of a server of embeddings.
   *
   * @throws FlowError `CONFIG_INVALID`, as {@link Llm.client} does
   */
  readonly embedder: (settings: EmbeddingSettings) => Promise<EmbeddingClient>;
  readonly close: () => Promise<void>;
}

/** Where a run keeps its answers, and what it may spend. */
export interface LlmOptions {
  /** Folder of the answer cache; may be shared by runs. */
  readonly cacheDir: string;
  /** Folder of prompts that wait for a batch. */
  readonly queueDir: string;
  /** Distinguishes this run's answers from those of other runs in the same cache. */
  readonly runId: string;
  readonly budget: Budget;
  readonly prices: Prices;
  /** Which faults of earlier runs are asked again. Default: none. */
  readonly retry?: RetryPolicy;
  /** Told when answers begin to wait for room on a full disk, and when they no longer do. */
  readonly onWait?: (text: string) => void;
  /** Default: the provider's own. */
  readonly openTransport?: () => Promise<Transport>;
  /** Default: the system clock. */
  readonly clock?: Clock;
  /** The part of the limits that is this process's, where others ask for the same run at the same time. Default 1: all of it. */
  readonly share?: number;
  /** The budget, where others ask for the same run at the same time. Default: all of it is this process's. */
  readonly budgetParts?: BudgetParts;
  /** How many files this process may have open. Default: what the system says. */
  readonly openFiles?: number;
}

const jitterSeed = 1;

/**
 * Opens the access to the models.
 *
 * @throws What opening the cache throws
 */
export async function openLlm(options: LlmOptions): Promise<Llm> {
  const { cacheDir, queueDir, runId, budget, prices, retry, clock = systemClock } = options;
  const { openFiles = openFileLimit(), share = 1, budgetParts: parts } = options;
  const waiting = { ...(retry && { retry }), ...(options.onWait && { onWait: options.onWait }) };
  const cache = await openAnswerCache({ dir: cacheDir, runId, ...waiting });
  const groups = createAbortGroups();
  const random = jitter(jitterSeed);
  const before = cache.spent();
  const gate = createBudgetGate({
    ...{ budget, spent: cache.spent, lost: cache.lost, groups },
    ...(parts && { parts }),
  });
  const ask = createAsker({ cache, budget: gate, clock, groups, random });
  const limiters = new Map<string, Pick<Endpoint, "limiter" | "trial">>();
  const transports = new Map<string, Promise<Transport>>();
  const embeddingTransports: EmbeddingTransport[] = [];
  const shared = sharedThings();

  const limiterOf = (
    kind: string,
    endpoint: string,
    wholeLimits: Limits,
    isUnderstood = false,
  ): Pick<Endpoint, "limiter" | "trial"> => {
    // What a model in this process can do is its own.
    const limits = isUnderstood ? wholeLimits : shareOfLimits(wholeLimits, share);
    const key = `${kind} ${endpoint}`;
    const known = limiters.get(key);
    if (known) {
      known.limiter.tighten(limits);
      return known;
    }
    const limiter: Limiter = createLimiter({
      ...{ endpoint, limits, clock, groups, random, isUnderstood },
    });
    const isWatched = kind !== "embeddings";
    let inFlight = limits.inFlight;
    for (const other of limiters.values()) inFlight += other.limiter.limits().inFlight;
    if (!isUnderstood) requireConnections(inFlight, openFiles);
    const made = { limiter, trial: newTrial({ hasHistory: cache.hasAnswers(), isWatched }) };
    limiters.set(key, made);
    return made;
  };

  const transportOf = ({ reach, openTransport }: LiveModel): Promise<Transport> => {
    const key = canonicalJson(reach);
    const known = transports.get(key);
    if (known) return known;
    const opened = (options.openTransport ?? openTransport)();
    transports.set(key, opened);
    return opened;
  };

  const priceOf = (model: string, isLocal: boolean): Price | null => {
    const price = prices[model] ?? null;
    if (price === null && budget.maxCostUsd !== undefined && !isLocal) {
      throw new FlowError(
        "CONFIG_INVALID",
        `knowledge.budget.maxCostUsd needs the price of ${model}: add it to knowledge.prices, US dollars for a ` +
          `million tokens, such as "${model}": { prompt: 0.15, completion: 0.6 }, or limit knowledge.budget.maxRequests instead.`,
      );
    }
    return price;
  };

  const liveClient = async (live: LiveModel): Promise<ChatClient> => {
    const { provider } = live.settings;
    const { answeredBy: model = live.settings.model } = live;
    const sampling = samplingOf(live.settings);
    checkExtra(sampling.extra);
    const { name, limits, isInProcess } = live;
    const price = prices[live.settings.model] ?? null;
    const transport = await transportOf(live);
    const endpoint: Endpoint = {
      ...{ provider, name, model, price, transport },
      ...limiterOf(provider, name, limits, isInProcess),
    };
    return {
      provider,
      model,
      inFlight: endpoint.limiter.limits().inFlight,
      ask: ({ promptVersion, messages, schema, sample, isRenewed }, signal) =>
        ask(
          endpoint,
          { model, promptVersion, messages, sampling, schema, sample },
          signal,
          isRenewed,
        ),
    };
  };

  return {
    client: async (settings) => {
      priceOf(settings.model, isLocalModel(settings));
      checkAnswerLimit(settings, budget);
      return openChatClient(settings, {
        ...{ cache, queueDir, liveClient, sharedUntilClose: shared.open },
      });
    },
    embedder: async (settings) => {
      const { model, limits } = settings;
      const price = priceOf(model, false);
      const { embeddingTransport } = await import("./embeddings/embedding-transport.ts");
      const transport = embeddingTransport(settings);
      embeddingTransports.push(transport);
      const name = endpointName(settings);
      return createEmbedder(
        { ledger: cache, budget: gate, clock, groups, random },
        { name, model, price, transport, ...limiterOf("embeddings", name, limits) },
      );
    },
    close: async () => {
      for (const { limiter } of limiters.values()) {
        limiter.end(new Error("internal: asked after closing"));
      }
      for (const opened of transports.values()) {
        const transport = await opened.catch(() => null); // callers of client have received the error
        await transport?.close();
      }
      for (const transport of embeddingTransports) await transport.close();
      await shared.close();
      const { requests, costUsd } = cache.spent();
      const spent = { requests: requests - before.requests, costUsd: costUsd - before.costUsd };
      await parts?.settle(spent).catch(() => undefined); // then all that was taken counts as spent
      await cache.close();
    },
  };
}

/** What a request may cost at most must be known before it is sent. */
function checkAnswerLimit(settings: ChatSettings, { maxCostUsd }: Budget): void {
  const { model, sampling } = settings;
  if (maxCostUsd === undefined || isLocalModel(settings) || answerLimit(sampling) !== null) return;
  throw new FlowError(
    "CONFIG_INVALID",
    `knowledge.budget.maxCostUsd needs a limit on the answers of ${model}, and sampling.extra takes max_tokens out: set ` +
      "max_completion_tokens there, or limit knowledge.budget.maxRequests instead.",
  );
}
