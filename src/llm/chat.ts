/** @file Questions to chat models and their answers: the types that all of llm shares. */

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
  /** Null: the server chooses, and answers differ between runs unless cached. */
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

/** Everything that decides an answer, and nothing else. Its sha256 is the key in the cache. */
export interface ChatPayload {
  readonly model: string;
  readonly promptVersion: string;
  readonly messages: readonly ChatMessage[];
  readonly sampling: Sampling;
  /** Null: plain text. */
  readonly schema: AnswerSchema | null;
  /** Which of several answers to the same messages, from 0; added to the seed. Retries after an unreadable answer use other samples. */
  readonly sample: number;
}

/** Tokens of one answer. Null when the server did not report them, which is not 0. */
export interface Usage {
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  /** Prompt tokens served from the server's prefix cache. */
  readonly cachedTokens: number | null;
}

/** A complete answer of a model. */
export interface ChatReply {
  readonly text: string;
  readonly usage: Usage;
}

/** Why a prompt has no answer. */
export type AnswerFault =
  /** The server refuses this prompt (400 and the like). */
  | "rejected"
  /** A content filter withheld the answer. */
  | "filtered"
  /** Cut off at the token limit. */
  | "length"
  /** The answer is empty. */
  | "empty"
  /** Attempts used up while other prompts were answered; not cached, so another run tries again. */
  | "failed";

/** The outcome of a prompt, from the server or the cache, with its cost. */
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
  /** US dollars; null when no price is known. For a cached answer, what it cost originally. */
  readonly costUsd: number | null;
  /** Latency of the successful attempt, ms. */
  readonly latencyMs: number;
  readonly attempts: number;
  /** True when no request was sent. */
  readonly isCached: boolean;
}

/** What a role asks; model and sampling are the client's. */
export interface ChatQuestion extends Omit<ChatPayload, "model" | "sampling"> {
  /** An answer from before this run was of no use: it is asked again, where the run's policy says so. Default false. */
  readonly isRenewed?: boolean;
}

/** A model behind the run's limiter, cache and budget. */
export interface ChatClient {
  /** As named in the settings: "openai", "gguf". */
  readonly provider: string;
  readonly model: string;
  /** Most requests in flight. */
  readonly inFlight: number;
  /**
   * Answers from the cache or the model. For a prompt that the model cannot answer, returns a {@link ChatCall} with the fault.
   *
   * @throws FlowError what concerns the whole run: `PROVIDER_FAILED` (wrong key or model, endpoint down), `BUDGET_SPENT`
   * @throws AnswerPending when the answer comes later, by batch
   * @throws the signal's reason after an abort
   */
  readonly ask: (question: ChatQuestion, signal: AbortSignal) => Promise<ChatCall>;
}

/** Thrown for a prompt that was queued for a batch: callers stop there and ask again when the answer has come. */
export class AnswerPending extends Error {
  override readonly name: string = "AnswerPending";
}

/** One way to reach a model. Makes single attempts, without cache, limits, budget and retries. */
export interface Transport {
  /**
   * @throws TransportError, which says what to do next; the signal's reason after an abort
   */
  readonly send: (payload: ChatPayload, signal: AbortSignal) => Promise<ChatReply>;
  readonly close: () => Promise<void>;
}

/** How an attempt ended without an answer. */
export type TransportFault =
  | PresentFault
  /**
   * Looks like a wrong setting: the run cannot continue, for this `reason`, unless the endpoint has answered before; then it is `later`,
   * for the reason in the error's message.
   */
  | { readonly kind: "setup"; readonly later: PresentFault; readonly reason: string };

/** How an attempt ended, whatever was answered before. */
export type PresentFault =
  /** The run cannot continue: 401, 404 for the model. `message` says how to fix it. `mayBePaid`: as for `transient`. */
  | { readonly kind: "fatal"; readonly mayBePaid?: boolean }
  /** This prompt is not answered, whenever it is asked. `usage` was paid for. */
  | { readonly kind: "prompt"; readonly fault: AnswerFault; readonly usage?: Usage }
  /** 429, 503 with Retry-After and their like: the request is refused for now. */
  | { readonly kind: "busy"; readonly retryAfterMs: number | null }
  /** 408, 424, 5xx and their like, lost connection, timeout, or a damaged body: retry. */
  | {
      readonly kind: "transient";
      /** Whether the model may have answered, and its answer be charged. Default: no. */
      readonly mayBePaid?: boolean;
      /** Whether the server responded with an error of its own (500), so that it is no sign of silence. Default: no. */
      readonly isResponse?: boolean;
    };

/** An attempt without an answer. Its message never contains a key or a header's value. */
export class TransportError extends Error {
  override readonly name: string = "TransportError";
  readonly fault: TransportFault;

  constructor(fault: TransportFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

/** A cached outcome of a prompt: an answer or a permanent fault, never a temporary one. */
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

/** Answers by key, on disk. Once `put` resolves, the answer survives `kill -9`. */
export interface AnswerCache {
  readonly get: (key: string) => Promise<StoredAnswer | null>;
  readonly put: (answer: StoredAnswer) => Promise<void>;
  /** Lets an answer from before this run count no longer, where unreadable answers are asked again. */
  readonly forget: (key: string) => Promise<void>;
  /** What this run has spent so far, in all its sessions. */
  readonly spent: () => { readonly requests: number; readonly costUsd: number };
  readonly close: () => Promise<void>;
}
