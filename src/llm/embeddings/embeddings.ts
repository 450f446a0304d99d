/** @file Requests to servers of embeddings and their replies. */
import type { AnswerFault, Usage } from "../chat.ts";

/** Vectors of texts, in their order. */
export interface EmbeddingReply {
  /** Row-major `[texts, dimension]`, unscaled; all finite. */
  readonly vectors: Float32Array;
  readonly dimension: number;
  readonly usage: Usage;
}

/** Vectors of texts with the cost of their request. */
export interface EmbeddingCall extends EmbeddingReply {
  /** US dollars; null where no price is known. */
  readonly costUsd: number | null;
  /** Latency of the successful attempt, ms. */
  readonly latencyMs: number;
  readonly attempts: number;
}

/** Why a server does not encode these texts in one request: it refuses them, or every attempt failed while it answered others. */
export interface EmbeddingRefusal {
  readonly fault: AnswerFault;
  readonly reason: string;
  /** Whether smaller texts may be encoded. */
  readonly isAboutSize: boolean;
  /** How often they were sent. */
  readonly attempts: number;
}

/** A server of embeddings behind the run's limiter and budget. */
export interface EmbeddingClient {
  /** Name in the table `requests`. */
  readonly provider: "openai";
  readonly model: string;
  /** Most requests in flight. */
  readonly inFlight: number;
  /**
   * Asks for the vectors of texts in one request.
   *
   * @param keep - Stores them on disk; the request is in flight until then
   * @returns Null, or why the server refuses these texts; nothing is kept then
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

/** One way to reach a server of embeddings. Makes single attempts. */
export interface EmbeddingTransport {
  /** @throws TransportError, which says what to do next; the signal's reason after an abort */
  readonly send: (texts: readonly string[], signal: AbortSignal) => Promise<EmbeddingReply>;
  readonly close: () => Promise<void>;
}
