import { createAbortGroups } from "../../src/llm/ask/abort-groups.ts";
import { createAsker, type Endpoint } from "../../src/llm/ask/asker.ts";
import { jitter } from "../../src/llm/ask/backoff.ts";
import { createBudgetGate } from "../../src/llm/ask/budget-gate.ts";
import {
  TransportError,
  type ChatCall,
  type ChatPayload,
  type StoredAnswer,
  type TransportFault,
  type Usage,
} from "../../src/llm/chat.ts";
import type { Price } from "../../src/llm/cost.ts";
import { createLimiter } from "../../src/llm/ask/limiter.ts";
import { newTrial } from "../../src/llm/ask/trial.ts";
import type { Budget, Limits } from "../../src/llm/settings.ts";
import { fakeClock } from "./fake-clock.ts";

/** What the endpoint does with one request. */
export type Step =
  | "ok"
  | "transient"
  /** Never ends, not even on an abort. */
  | "hang"
  /** Transient, after the whole of `timeoutS`. */
  | "timeout"
  | TransportFault;

/** One request as the endpoint sees it. */
export interface Sent {
  readonly text: string;
  readonly atMs: number;
  /** From 0, of this prompt. */
  readonly attempt: number;
  /** From 0, of all. */
  readonly number: number;
}

export interface WorldOptions {
  readonly limits?: Partial<Limits>;
  /** Default: answers everything. */
  readonly script?: (sent: Sent) => Step;
  readonly latencyMs?: number;
  /** Latency of "busy"; default: that of all. */
  readonly refusalMs?: number;
  readonly budget?: Budget;
  readonly price?: Price;
  readonly usage?: Usage;
  /** Whether earlier sessions have answers; default false. */
  readonly hasHistory?: boolean;
  /** Called with every request that begins or ends. */
  readonly onUnderWay?: (count: number) => void;
  /** Awaited by every `put`. */
  readonly disk?: () => Promise<void>;
  /** Awaited before every request. */
  readonly ready?: () => Promise<void>;
}

/** An asker over a scripted endpoint, a cache in memory and a clock that does not wait. */
export function askerWorld(options: WorldOptions = {}) {
  const { script = () => "ok", latencyMs = 10, budget = {}, price = null, disk } = options;
  const { onUnderWay = () => undefined, refusalMs = latencyMs } = options;
  const { ready = () => Promise.resolve() } = options;
  const usage = options.usage ?? { promptTokens: 10, completionTokens: 5, cachedTokens: null };
  const limits: Limits = {
    inFlight: 64,
    timeoutS: 120,
    attempts: 6,
    downAfterS: 300,
    ...options.limits,
  };
  const clock = fakeClock(1000);
  const groups = createAbortGroups();
  const random = jitter(7);
  const stored = new Map<string, StoredAnswer>();
  const sent: Sent[] = [];
  const answered: string[] = [];
  const attempts = new Map<string, number>();
  const spent = { requests: 0, costUsd: 0 };
  const now = { underWay: 0, mostUnderWay: 0, unaccounted: 0 };
  const departed: number[] = [];

  const later = (delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      clock.after(delayMs, resolve);
    });

  const answer = async (text: string): Promise<string> => {
    const attempt = attempts.get(text) ?? 0;
    attempts.set(text, attempt + 1);
    const request: Sent = { text, atMs: clock.now(), attempt, number: sent.length };
    sent.push(request);
    const step = script(request);
    if (step === "hang") await new Promise(() => undefined);
    const isBusy = typeof step === "object" && step.kind === "busy";
    await later(step === "timeout" ? limits.timeoutS * 1000 : isBusy ? refusalMs : latencyMs);
    if (step === "ok") {
      answered.push(text);
      return `re: ${text}`;
    }
    if (step === "transient" || step === "timeout") {
      throw new TransportError({ kind: "transient" }, `no luck with ${text}`);
    }
    throw new TransportError(typeof step === "string" ? { kind: "transient" } : step, "the reason");
  };

  const endpoint: Endpoint = {
    provider: "openai",
    model: "m",
    name: "m at http://x/v1",
    price,
    limiter: createLimiter({ endpoint: "m at http://x/v1", limits, clock, groups, random }),
    transport: {
      send: async ({ messages }, signal) => {
        now.underWay += 1;
        now.mostUnderWay = Math.max(now.mostUnderWay, now.underWay);
        onUnderWay(now.underWay);
        try {
          return { text: await answer(messages[0]?.content ?? ""), usage };
        } finally {
          now.underWay -= 1;
          onUnderWay(now.underWay);
          signal.throwIfAborted();
        }
      },
      close: () => Promise.resolve(),
    },
    trial: newTrial({ hasHistory: options.hasHistory ?? false, isWatched: false }),
  };

  const ask = createAsker({
    cache: {
      get: (key) => Promise.resolve(stored.get(key) ?? null),
      put: async (line, chargedUsd) => {
        await disk?.();
        stored.set(line.key, line);
        spent.requests += 1;
        spent.costUsd += line.costUsd ?? chargedUsd ?? 0;
      },
      depart: async (mostUsd) => {
        await ready();
        departed.push(mostUsd);
        now.unaccounted += 1;
        let isAccounted = false;
        return () => {
          if (!isAccounted) now.unaccounted -= 1;
          isAccounted = true;
        };
      },
      lost: () => ({ requests: 0, costUsd: 0 }),
      spend: (_model, costUsd) => {
        spent.requests += 1;
        spent.costUsd += costUsd;
        return Promise.resolve();
      },
      hasAnswers: () => stored.size > 0,
      forget: (key) => Promise.resolve(void stored.delete(key)),
      spent: () => spent,
      close: () => Promise.resolve(),
    },
    budget: createBudgetGate({ budget, spent: () => spent, groups }),
    clock,
    groups,
    random,
  });

  const controller = new AbortController();
  return {
    clock,
    endpoint,
    controller,
    /** Every request, as sent. */
    sent,
    /** Prompts as often as they were answered. */
    answered,
    stored,
    spent,
    now,
    /** The highest cost of every request that was about to be sent. */
    departed,
    ask: (text: string, signal: AbortSignal = controller.signal): Promise<ChatCall> =>
      ask(endpoint, payloadOf(text), signal),
  };
}

function payloadOf(text: string): ChatPayload {
  return {
    model: "m",
    promptVersion: "p1",
    messages: [{ role: "user", content: text }],
    sampling: { temperature: 0, topP: 1, maxTokens: 100, seed: 1, stop: [], extra: {} },
    schema: null,
    sample: 0,
  };
}
