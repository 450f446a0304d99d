import type { FaultKind } from "../../base/retry-policy.ts";
import type { ChatCall } from "../../llm/chat.ts";
import type { KnowledgeRow, Step } from "../knowledge-row.ts";
import type { Actor, Reflector } from "../roles.ts";

/** The two roles and their limits. */
export interface StrategyOptions<C> {
  readonly actor: Actor<C>;
  /** Used only by iterate and filter. */
  readonly reflector: Reflector<C>;
  /** iterate: T, at most this many refinements; 0 keeps the first text and asks no reflector. */
  readonly rounds: number;
  /** iterate: whether the text that no refinement can follow is judged as well. Default false. */
  readonly judgeLast?: boolean;
  /** filter: N, the texts written for a subject. */
  readonly samples: number;
  /** Aborted on Ctrl-C. */
  readonly signal: AbortSignal;
}

/** A call of a model and its step. */
export interface StepCall extends Step {
  /** 0 = first; above: retries after an unreadable answer. */
  readonly ask: number;
  readonly call: ChatCall;
}

/** A step without a usable answer. `kind` is "other" when no model was asked. */
export interface StepFailure extends Pick<Step, "role"> {
  readonly kind: FaultKind | "other";
  readonly reason: string;
}

/** What a strategy returns about one subject. */
export interface StrategyResult {
  /** All steps, by sample, in order; `is_final` marks the texts to encode. */
  readonly rows: readonly KnowledgeRow[];
  /** All calls of the steps, in the order of `rows`; empty for providers that call no model. */
  readonly calls: readonly StepCall[];
  /** One for each row with an error. */
  readonly failures: readonly StepFailure[];
}

/**
 * A way to get knowledge about one subject. A failed step becomes a row with its error.
 *
 * @throws what aborted `signal`, every `FlowError` of a role, since these concern the run and not the subject; and
 *   `AnswerPending` when an answer comes by batch
 */
export type Strategy = <C>(context: C, options: StrategyOptions<C>) => Promise<StrategyResult>;
