import { sha256 } from "../../base/sha256.ts";
import type { ChargedAnswerCache } from "../cache/answer-cache.ts";
import {
  createAttempts,
  type Attempted,
  type AttemptedEndpoint,
  type AttemptsOptions,
} from "../ask/attempts.ts";
import type { AnswerFault } from "../chat.ts";
import { costUsd, estimatedTokens, mostCostUsd, type Price } from "../cost.ts";
import { mostUsageOfTexts } from "../most-usage.ts";
import type {
  EmbeddingClient,
  EmbeddingRefusal,
  EmbeddingReply,
  EmbeddingTransport,
} from "./embeddings.ts";
import { isAboutSize } from "./refusals.ts";

/** A model at a server of embeddings. */
export interface EmbeddingEndpoint extends AttemptedEndpoint {
  readonly model: string;
  readonly price: Price | null;
  readonly transport: EmbeddingTransport;
}

/** Shared with all endpoints of a run. */
export interface EmbedderOptions extends Omit<AttemptsOptions, "spend" | "depart"> {
  /** Records the cost, so that the budget counts it; callers keep the vectors. */
  readonly ledger: ChargedAnswerCache;
}

/** A client of a server of embeddings, behind budget, limiter and retries. A request ends when its vectors are on disk. */
export function createEmbedder(
  { ledger, ...shared }: EmbedderOptions,
  endpoint: EmbeddingEndpoint,
): EmbeddingClient {
  const { model, price, limiter, transport } = endpoint;
  const attempt = createAttempts({ ...shared, spend: ledger.spend, depart: ledger.depart });
  const provider = "openai";

  return {
    provider,
    model,
    inFlight: limiter.limits().inFlight,
    embed: async (texts, signal, keep) => {
      limiter.ended.throwIfAborted();
      const mostUsd = mostCostUsd(mostUsageOfTexts(texts), price);
      const settle = async (attempted: Attempted<EmbeddingReply>) => {
        const { result, usage, latencyMs, attempts, isSpent } = attempted;
        if (result.status !== "ok") {
          if (!isSpent) await ledger.spend(model, 0);
          return { ...result, attempts };
        }
        const paidUsd = costUsd(usage, price);
        const paid = { usage, costUsd: paidUsd, latencyMs, attempts };
        const entry = {
          key: requestKey(model, texts),
          model,
          promptVersion: "embeddings",
          answer: { status: result.status, text: "" },
          ...paid,
        };
        await Promise.all([
          keep({ ...result.reply, ...paid }),
          ledger.put(entry, mostUsd ?? undefined),
        ]);
        return null;
      };
      const send = (own: AbortSignal): Promise<EmbeddingReply> => transport.send(texts, own);
      const request = { send, tokens: likelyTokens(texts), mostUsd };
      const refused = await attempt(endpoint, request, signal, settle);
      return refused && refusalOfTexts(refused.status, refused.reason, refused.attempts);
    },
  };
}

function refusalOfTexts(fault: AnswerFault, reason: string, attempts: number): EmbeddingRefusal {
  return { fault, reason, attempts, isAboutSize: fault === "rejected" && isAboutSize(reason) };
}

function likelyTokens(texts: readonly string[]): number {
  return estimatedTokens(texts.reduce((sum, text) => sum + text.length, 0));
}

function requestKey(model: string, texts: readonly string[]): string {
  return sha256(JSON.stringify(["embeddings", model, texts]));
}
