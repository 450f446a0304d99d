import type { ChargedAnswerCache } from "../cache/answer-cache.ts";
import {
  createAttempts,
  type Attempted,
  type AttemptedEndpoint,
  type AttemptsOptions,
} from "./attempts.ts";
import type { ChatCall, ChatPayload, ChatReply, StoredAnswer, Transport } from "../chat.ts";
import { costUsd, estimatedRequest, mostCostUsd, type Price } from "../cost.ts";
import { payloadKey } from "../cache/payload-key.ts";
import { atMost, mostUsage } from "../most-usage.ts";

/** A model at an endpoint. */
export interface Endpoint extends AttemptedEndpoint {
  readonly provider: string;
  readonly price: Price | null;
  readonly transport: Transport;
}

/** What all endpoints of a run share. */
export interface AskerOptions extends Omit<AttemptsOptions, "spend" | "depart"> {
  readonly cache: ChargedAnswerCache;
}

/**
 * Asks an endpoint, unless the answer is cached or in flight.
 *
 * @param isRenewed - As in `ChatQuestion`
 */
export type Asker = (
  endpoint: Endpoint,
  payload: ChatPayload,
  signal: AbortSignal,
  isRenewed?: boolean,
) => Promise<ChatCall>;

interface Flight {
  readonly call: Promise<ChatCall>;
  readonly signal: AbortSignal;
}

/**
 * Looks in the cache, joins an identical request in flight, or sends one: within budget and limiter, with as many attempts as the
 * limits allow. Paid answers are on disk before they are returned.
 */
export function createAsker({ cache, ...shared }: AskerOptions): Asker {
  const { groups } = shared;
  const flights = new Map<string, Flight>();
  const attempt = createAttempts({ ...shared, spend: cache.spend, depart: cache.depart });

  const send = async (
    endpoint: Endpoint,
    payload: ChatPayload,
    key: string,
    signal: AbortSignal,
  ): Promise<ChatCall> => {
    const { provider, price, transport } = endpoint;
    const { model, promptVersion } = payload;
    const most = mostUsage(payload);
    const mostUsd = mostCostUsd(most, price);
    const keep = async (attempted: Attempted<ChatReply>): Promise<StoredAnswer> => {
      const { result, usage, latencyMs, attempts, isSpent } = attempted;
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
      const isUnpaid = answer.status === "rejected" && usage.completionTokens === null;
      const charged = paidUsd ?? (isUnpaid ? 0 : mostCostUsd(atMost(usage, most), price));
      if (isRemembered(endpoint, answer)) await cache.put(stored, charged ?? undefined);
      else if (!isSpent) await cache.spend(model, charged ?? 0);
      return stored;
    };
    const send = (own: AbortSignal): Promise<ChatReply> => transport.send(payload, own);
    const request = { send, tokens: estimatedRequest(payload), mostUsd };
    return { ...(await attempt(endpoint, request, signal, keep)), provider, isCached: false };
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

  return async (endpoint, payload, signal, isRenewed = false) => {
    const key = payloadKey(payload);
    if (isRenewed) await cache.forget(key);
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
        // The caller that sent it was aborted; this one was not, so it tries itself.
        if (!shared.signal.aborted || signal.aborted) throw thrown;
      }
    }
  };
}

/** Refusals are cached only after one success: a misconfigured endpoint refuses everything. */
function isRemembered({ trial }: Endpoint, { status }: ChatCall["answer"]): boolean {
  return status === "rejected" ? trial.isPassed : status !== "failed";
}
