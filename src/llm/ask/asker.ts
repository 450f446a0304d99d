import type { ChargedAnswerCache } from "../cache/answer-cache.ts";
import {
  createAttempts,
  type Attempted,
  type AttemptedEndpoint,
  type AttemptsOptions,
} from "./attempts.ts";
import type { BudgetGate } from "./budget-gate.ts";
import type { ChatCall, ChatPayload, ChatReply, StoredAnswer, Transport, Usage } from "../chat.ts";
import { allTokens, costUsd, estimatedTokens, mostUsage, type Price } from "../cost.ts";
import { payloadKey } from "../cache/payload-key.ts";

/** A model at an endpoint, as it is asked. */
export interface Endpoint extends AttemptedEndpoint {
  readonly provider: string;
  readonly price: Price | null;
  readonly transport: Transport;
}

/** What all endpoints of a run share. */
export interface AskerOptions extends AttemptsOptions {
  readonly cache: ChargedAnswerCache;
  readonly budget: BudgetGate;
}

/** Asks an endpoint, unless the answer is known or on its way. */
export type Asker = (
  endpoint: Endpoint,
  payload: ChatPayload,
  signal: AbortSignal,
) => Promise<ChatCall>;

interface Flight {
  readonly call: Promise<ChatCall>;
  readonly signal: AbortSignal;
}

/**
 * Cache, then whoever is asking the same already, then budget, limiter and as many attempts as the limits allow. What is paid
 * for is on disk before it is returned.
 */
export function createAsker({ cache, budget, clock, groups, random }: AskerOptions): Asker {
  const flights = new Map<string, Flight>();
  const attempt = createAttempts({ clock, groups, random });

  const send = async (
    endpoint: Endpoint,
    payload: ChatPayload,
    key: string,
    signal: AbortSignal,
  ): Promise<ChatCall> => {
    const { provider, price, limiter, transport } = endpoint;
    const { model, promptVersion } = payload;
    const most = mostUsage(payload);
    const release = await budget.reserve(costUsd(most, price), signal);
    const leave = limiter.arrive();
    try {
      const keep = async (attempted: Attempted<ChatReply>): Promise<StoredAnswer> => {
        const { result, usage, latencyMs, attempts } = attempted;
        const answer =
          result.status === "ok" ? { status: result.status, text: result.reply.text } : result;
        const paidUsd = costUsd(usage, price);
        const stored = {
          key,
          model,
          promptVersion,
          answer,
          usage,
          latencyMs,
          attempts,
          costUsd: paidUsd,
        };
        if (isRemembered(endpoint, answer)) {
          const charged = paidUsd ?? costUsd(likelyUsage(answer, most), price);
          await cache.put(stored, charged ?? undefined);
        }
        return stored;
      };
      const stored = await attempt(
        endpoint,
        (own) => transport.send(payload, own),
        allTokens(most) ?? 0,
        signal,
        keep,
      );
      return { ...stored, provider, isCached: false };
    } finally {
      leave();
      release();
    }
  };

  const fly = async (
    endpoint: Endpoint,
    payload: ChatPayload,
    key: string,
    signal: AbortSignal,
  ): Promise<ChatCall> => {
    try {
      const known = await cache.get(key);
      if (known) return { ...known, provider: endpoint.provider, isCached: true };
      return await send(endpoint, payload, key, signal);
    } finally {
      flights.delete(key);
    }
  };

  return async (endpoint, payload, signal) => {
    const key = payloadKey(payload);
    const signals = [signal, endpoint.limiter.ended];
    for (;;) {
      signal.throwIfAborted();
      endpoint.limiter.ended.throwIfAborted();
      const shared = flights.get(key);
      if (!shared) {
        const call = fly(endpoint, payload, key, signal);
        flights.set(key, { call, signal });
        return groups.guard(signals, call);
      }
      try {
        return { ...(await groups.guard(signals, shared.call)), isCached: true };
      } catch (thrown) {
        // Whoever sent it gave up; that is no reason for this one to.
        if (!shared.signal.aborted || signal.aborted) throw thrown;
      }
    }
  };
}

/** Refusals only once something was answered: until then the endpoint may be set up wrongly and answer them when mended. */
function isRemembered({ trial }: Endpoint, { status }: ChatCall["answer"]): boolean {
  return status === "rejected" ? trial.isPassed : status !== "failed";
}

/** Tokens of an answer that came without a count; none where the prompt was refused. */
function likelyUsage(answer: StoredAnswer["answer"], most: Usage): Usage {
  switch (answer.status) {
    case "rejected":
      return { promptTokens: 0, completionTokens: 0, cachedTokens: null };
    case "ok":
      return { ...most, completionTokens: estimatedTokens(answer.text.length) };
    default:
      return most;
  }
}
