import type { ChatCall } from "../../llm/chat.ts";
import type { KnowledgeRow, Step } from "../knowledge-row.ts";
import type { Actor, Reflector } from "../roles.ts";

/** The two roles and how far they may go. */
export interface StrategyOptions<C> {
  readonly actor: Actor<C>;
  /** Asked by iterate and filter alone. */
  readonly reflector: Reflector<C>;
  /** iterate: T, at most this many refinements; 0 keeps the first text and asks no reflector. */
  readonly rounds: number;
  /** filter: N, the texts written for a subject. */
  readonly samples: number;
  /** Aborted on Ctrl-C. */
  readonly signal: AbortSignal;
}

/** A call of a model and the step that took it. */
export interface StepCall extends Step {
  /** 0 = first; above, asked again because the answer could not be read. */
  readonly ask: number;
  readonly call: ChatCall;
}

/** What a strategy tells about one subject. */
export interface StrategyResult {
  /** Every step, by sample and in the order they were taken; `is_final` marks the texts to encode. */
  readonly rows: readonly KnowledgeRow[];
  /** Every call that the steps took, in the order of `rows`; none from a provider that calls no model. */
  readonly calls: readonly StepCall[];
}

/**
 * A way to come to knowledge about one subject. A step that fails is a row with its error.
 *
 * @throws what aborted `signal`, every `FlowError` of a role, since these concern the run and not the subject; and
 *   `AnswerPending` when an answer comes by batch
 */
export type Strategy = <C>(context: C, options: StrategyOptions<C>) => Promise<StrategyResult>;
