/** @file What a server of embeddings is asked and what comes back. */
import type { AnswerFault, Usage } from "../chat.ts";

/** Vectors of some texts, in their order. */
export interface EmbeddingReply {
  /** Row-major `[texts, dimension]`, as the server gives them; finite. */
  readonly vectors: Float32Array;
  readonly dimension: number;
  readonly usage: Usage;
}

/** Vectors of some texts with what the request for them took. */
export interface EmbeddingCall extends EmbeddingReply {
  /** US dollars; null where no price is known. */
  readonly costUsd: number | null;
  /** Of the attempt that was answered, ms. */
  readonly latencyMs: number;
  readonly attempts: number;
}

/** Why a server will never give the vectors of these texts by one request. */
export interface EmbeddingRefusal {
  readonly fault: AnswerFault;
  readonly reason: string;
}

/** A server of embeddings behind the run's one limiter and budget. */
export interface EmbeddingClient {
  /** As the table `requests` names it. */
  readonly provider: "openai";
  readonly model: string;
  /** Most requests under way at a time. */
  readonly inFlight: number;
  /**
   * Asks for the vectors of some texts by one request.
   *
   * @param keep - puts them on disk; the request is under way until then
   * @returns null, or why the server refuses these texts, of which nothing has been kept
   * @throws FlowError what concerns the whole run: `PROVIDER_FAILED` (wrong key or model, endpoint down, a reply that is none),
   *   `BUDGET_SPENT`
   * @throws the signal's reason after an abort
   */
  readonly embed: (
    texts: readonly string[],
    signal: AbortSignal,
    keep: (call: EmbeddingCall) => Promise<void>,
  ) => Promise<EmbeddingRefusal | null>;
}

/** One way to a server of embeddings. Makes one attempt. */
export interface EmbeddingTransport {
  /** @throws TransportError, which says what to do next; the signal's reason after an abort */
  readonly send: (texts: readonly string[], signal: AbortSignal) => Promise<EmbeddingReply>;
  readonly close: () => Promise<void>;
}
