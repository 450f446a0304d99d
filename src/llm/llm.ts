import { FlowError } from "../base/errors.ts";
import { canonicalJson } from "../base/json.ts";
import { createAbortGroups } from "./ask/abort-groups.ts";
import { openAnswerCache } from "./cache/answer-cache.ts";
import { createAsker, type Endpoint } from "./ask/asker.ts";
import { jitter } from "./ask/backoff.ts";
import { createBudgetGate } from "./ask/budget-gate.ts";
import type { ChatClient, Transport } from "./chat.ts";
import { systemClock, type Clock } from "./ask/clock.ts";
import type { Price } from "./cost.ts";
import { createEmbedder } from "./embeddings/embedder.ts";
import type { EmbeddingClient, EmbeddingTransport } from "./embeddings/embeddings.ts";
import { createLimiter, type Limiter } from "./ask/limiter.ts";
import { checkExtra } from "./openai/request-body.ts";
import type {
  Budget,
  ChatSettings,
  EmbeddingSettings,
  GgufSettings,
  Limits,
  OpenaiSettings,
  Prices,
} from "./settings.ts";

/** A run's one way to its models: one cache, one budget, and one limiter for each model at its endpoints. */
export interface Llm {
  /**
   * A client for a role. Roles with the same model at the same endpoints share its limiter; where their limits differ, the
   * lower ones hold.
   *
   * @throws FlowError `CONFIG_INVALID` when a cost limit is set and the model has no price, and as the transport does
   * @throws FlowError `DEPENDENCY_MISSING` when the provider's package is not installed
   */
  readonly client: (settings: ChatSettings) => Promise<ChatClient>;
  /**
   * A client of a server of embeddings; as many ask it as share it.
   *
   * @throws FlowError `CONFIG_INVALID`, as {@link Llm.client} does
   */
  readonly embedder: (settings: EmbeddingSettings) => Promise<EmbeddingClient>;
  readonly close: () => Promise<void>;
}

/** Where a run's answers are kept, and what it may spend. */
export interface LlmOptions {
  /** Of the answer cache; may be shared by runs. */
  readonly cacheDir: string;
  /** Of prompts that wait for a batch. */
  readonly queueDir: string;
  /** Tells this run's answers from those of other runs in the same cache. */
  readonly runId: string;
  readonly budget: Budget;
  readonly prices: Prices;
  /** Default: over the network, or a local model. */
  readonly openTransport?: (settings: OpenaiSettings | GgufSettings) => Promise<Transport>;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

type LiveSettings = OpenaiSettings | GgufSettings;

const jitterSeed = 1;

/**
 * Opens the way to the models.
 *
 * @throws what opening the cache throws
 */
export async function openLlm(options: LlmOptions): Promise<Llm> {
  const { cacheDir, queueDir, runId, budget, prices, clock = systemClock } = options;
  const openTransport = options.openTransport ?? openRealTransport;
  const cache = await openAnswerCache({ dir: cacheDir, runId });
  const groups = createAbortGroups();
  const random = jitter(jitterSeed);
  const gate = createBudgetGate({ budget, spent: cache.spent, groups });
  const ask = createAsker({ cache, budget: gate, clock, groups, random });
  const limiters = new Map<string, Pick<Endpoint, "limiter" | "trial">>();
  const transports = new Map<string, Promise<Transport>>();
  const embeddingTransports: EmbeddingTransport[] = [];

  const limiterOf = (
    kind: string,
    endpoint: string,
    limits: Limits,
  ): Pick<Endpoint, "limiter" | "trial"> => {
    const key = `${kind} ${endpoint}`;
    const known = limiters.get(key);
    if (known) {
      known.limiter.tighten(limits);
      return known;
    }
    const limiter: Limiter = createLimiter({ endpoint, limits, clock, groups, random });
    const made = { limiter, trial: { rejected: 0, firstReason: "", isPassed: false } };
    limiters.set(key, made);
    return made;
  };

  const transportOf = (settings: LiveSettings): Promise<Transport> => {
    const key = canonicalJson(reachOf(settings));
    const known = transports.get(key);
    if (known) return known;
    const opened = openTransport(settings);
    transports.set(key, opened);
    return opened;
  };

  const priceOf = (model: string, provider: ChatSettings["provider"]): Price | null => {
    const price = prices[model] ?? null;
    if (price === null && budget.maxCostUsd !== undefined && provider !== "gguf") {
      throw new FlowError(
        "CONFIG_INVALID",
        `knowledge.budget.maxCostUsd needs the price of ${model}: add it to knowledge.prices, US dollars for a ` +
          `million tokens, such as "${model}": { prompt: 0.15, completion: 0.6 }, or limit knowledge.budget.maxRequests instead.`,
      );
    }
    return price;
  };

  const liveClient = async (settings: LiveSettings): Promise<ChatClient> => {
    const { provider, model, sampling } = settings;
    checkExtra(sampling.extra);
    const price = priceOf(model, provider);
    const transport = await transportOf(settings);
    const name = endpointName(settings);
    const endpoint: Endpoint = {
      ...{ provider, name, price, transport },
      ...limiterOf(provider, name, limitsOf(settings)),
    };
    return {
      provider,
      model,
      inFlight: endpoint.limiter.limits().inFlight,
      ask: ({ promptVersion, messages, schema, sample }, signal) =>
        ask(endpoint, { model, promptVersion, messages, sampling, schema, sample }, signal),
    };
  };

  return {
    client: async (settings) => {
      switch (settings.provider) {
        case "openai":
        case "gguf":
          return liveClient(settings);
        case "batch-jsonl":
        case "openai-batch": {
          priceOf(settings.model, settings.provider);
          const { batchClient } = await import("./batch/batch-client.ts");
          return batchClient(settings, cache, queueDir);
        }
      }
    },
    embedder: async (settings) => {
      const { model, limits } = settings;
      const price = priceOf(model, "openai");
      const { embeddingTransport } = await import("./embeddings/embedding-transport.ts");
      const transport = embeddingTransport(settings);
      embeddingTransports.push(transport);
      const name = httpName(settings);
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
        const transport = await opened.catch(() => null); // whoever asked for the client has been told
        await transport?.close();
      }
      for (const transport of embeddingTransports) await transport.close();
      await cache.close();
    },
  };
}

async function openRealTransport(settings: LiveSettings): Promise<Transport> {
  const { openTransport } = await import("./transports.ts");
  return openTransport(settings);
}

/** The model and where it is, without what a URL may hold of secrets. */
function endpointName(settings: LiveSettings): string {
  return settings.provider === "gguf" ? settings.model : httpName(settings);
}

function httpName({ model, baseUrl }: Pick<OpenaiSettings, "model" | "baseUrl">): string {
  const places = [baseUrl].flat().map((url) => {
    const { origin, pathname } = new URL(url);
    return `${origin}${pathname}`;
  });
  return `${model} at ${places.sort().join(", ")}`;
}

/** The settings that decide how a model is reached: two roles that agree in these share a transport. */
function reachOf(settings: LiveSettings): object {
  if (settings.provider === "gguf") {
    const { provider, model, threads, contextTokens, sequences } = settings;
    return { provider, model, threads, contextTokens, sequences };
  }
  const { provider, model, baseUrl, apiKeyEnv, headers, limits } = settings;
  return { provider, model, baseUrl, apiKeyEnv, headers, limits };
}

/** Of a local model only what runs side by side is limited. */
function limitsOf(settings: LiveSettings): Limits {
  return settings.provider === "openai"
    ? settings.limits
    : { inFlight: settings.sequences, timeoutS: 120, attempts: 2, downAfterS: 300 };
}
