/** @file What a chat model is asked and what comes back. Everything in this room meets at these types. */

import type { Json } from "../base/json.ts";

/** One message of a conversation. */
export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** How an answer is sampled. */
export interface Sampling {
  /** 0 is greedy. */
  readonly temperature: number;
  readonly topP: number;
  /** Most tokens of an answer. */
  readonly maxTokens: number;
  /** Null leaves the choice to the server: answers then differ between runs unless cached. */
  readonly seed: number | null;
  readonly stop: readonly string[];
  /** Further fields of the request body, such as `top_k` or `chat_template_kwargs`. */
  readonly extra: Readonly<Record<string, Json>>;
}

/** A JSON schema the answer must follow, where the server can enforce one. */
export interface AnswerSchema {
  readonly name: string;
  readonly schema: Json;
}

/** Everything that decides an answer, and nothing else: the cache's key is its sha256. */
export interface ChatPayload {
  readonly model: string;
  readonly promptVersion: string;
  readonly messages: readonly ChatMessage[];
  readonly sampling: Sampling;
  /** Null: plain text. */
  readonly schema: AnswerSchema | null;
  /** Which of several answers to the same messages, from 0; shifts the seed. Also how an unreadable answer is asked for again. */
  readonly sample: number;
}

/** Tokens of one answer. Null where the server did not say, which is not 0. */
export interface Usage {
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  /** Of the prompt, served from the server's prefix cache. */
  readonly cachedTokens: number | null;
}

/** A complete answer of a model. */
export interface ChatReply {
  readonly text: string;
  readonly usage: Usage;
}

/** Why there is no answer to one prompt, for good. */
export type AnswerFault =
  /** The server refuses this prompt (400 and the like). */
  | "rejected"
  /** A content filter withheld the answer. */
  | "filtered"
  /** Cut off at the token limit. */
  | "length"
  /** Nothing in it. */
  | "empty"
  /** Attempts used up while others were answered; not remembered, so another run tries again. */
  | "failed";

/** What became of a prompt: from the server or from the cache, with what it took. */
export interface ChatCall {
  /** sha256 of the payload, hexadecimal. */
  readonly key: string;
  readonly provider: string;
  readonly model: string;
  readonly promptVersion: string;
  readonly answer:
    | { readonly status: "ok"; readonly text: string }
    | { readonly status: AnswerFault; readonly reason: string };
  readonly usage: Usage;
  /** US dollars; null where no price is known. For a cached answer, what it cost when it was paid. */
  readonly costUsd: number | null;
  /** Of the attempt that was answered, ms. */
  readonly latencyMs: number;
  readonly attempts: number;
  /** True when nothing was sent for it. */
  readonly isCached: boolean;
}

/** What a role asks a model with; `model` is the client's own. */
export type ChatQuestion = Omit<ChatPayload, "model" | "sampling">;

/** A model behind the run's one limiter, cache and budget. */
export interface ChatClient {
  /** As named in the settings: "openai", "gguf". */
  readonly provider: string;
  readonly model: string;
  /** Most requests under way at a time. */
  readonly inFlight: number;
  /**
   * Answers from the cache or from the model. A prompt the model cannot answer is a {@link ChatCall} with its fault.
   *
   * @throws FlowError what concerns the whole run: `PROVIDER_FAILED` (wrong key or model, endpoint down), `BUDGET_SPENT`
   * @throws AnswerPending when the answer comes by batch, later
   * @throws the signal's reason after an abort
   */
  readonly ask: (question: ChatQuestion, signal: AbortSignal) => Promise<ChatCall>;
}

/** Thrown for a prompt that has been queued for a batch: whoever needs its answer stops there and comes back. */
export class AnswerPending extends Error {
  override readonly name: string = "AnswerPending";
}

/** One way to reach a model. Makes one attempt: cache, limits, budget and retries are not its business. */
export interface Transport {
  /**
   * @throws TransportError, which says what to do next; the signal's reason after an abort
   */
  readonly send: (payload: ChatPayload, signal: AbortSignal) => Promise<ChatReply>;
  readonly close: () => Promise<void>;
}

/** How an attempt ended without an answer. */
export type TransportFault =
  /** The run cannot go on: 401, 403, 404 for the model. `message` names the cure. */
  | { readonly kind: "fatal" }
  /** This prompt will never be answered. A `usage` is paid for. */
  | { readonly kind: "prompt"; readonly fault: AnswerFault; readonly usage?: Usage }
  /** 429 or 503 with Retry-After: everyone slows down. */
  | { readonly kind: "busy"; readonly retryAfterMs: number | null }
  /** 408, 409, 425, 5xx, connection loss, timeout, a body that is no answer: try again. */
  | { readonly kind: "transient" };

/** An attempt without an answer. Its message never holds a key or a header's value. */
export class TransportError extends Error {
  override readonly name: string = "TransportError";
  readonly fault: TransportFault;

  constructor(fault: TransportFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

/** What is remembered of a prompt: a success or a permanent fault, never a transient one. */
export interface StoredAnswer {
  readonly key: string;
  readonly model: string;
  readonly promptVersion: string;
  readonly answer: ChatCall["answer"];
  readonly usage: Usage;
  readonly costUsd: number | null;
  readonly latencyMs: number;
  readonly attempts: number;
}

/** Answers by key, on disk: an answer that `put` has returned from survives `kill -9`. */
export interface AnswerCache {
  readonly get: (key: string) => Promise<StoredAnswer | null>;
  readonly put: (answer: StoredAnswer) => Promise<void>;
  /** What this run has paid for so far, over all its sessions. */
  readonly spent: () => { readonly requests: number; readonly costUsd: number };
  readonly close: () => Promise<void>;
}
