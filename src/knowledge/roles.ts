/** @file Questions to the two roles of the method, and their answers. Strategies know only this file. */

import type { ChatCall } from "../llm/chat.ts";
import type { ItemContext, UserContext } from "./contexts/contexts.ts";

/** Who wrote an answer; stored with every text. */
export interface Origin {
  /** Name of the provider in the settings: "profiler", "openai". */
  readonly provider: string;
  /** Name of the model at the provider. */
  readonly model: string;
  /** Version of the prompt or the rules; changes with their wording. */
  readonly promptVersion: string;
}

/** A knowledge text. */
export interface ActorAnswer extends Origin {
  readonly text: string;
}

/** A judgement of a knowledge text. `text` is the raw answer. */
export type ReflectorAnswer = Origin & { readonly text: string } & (
    | { readonly judgement: "reasonable"; readonly reflection: null }
    | { readonly judgement: "unreasonable"; readonly reflection: string }
  );

/** Sent along with every question. */
export interface Ask {
  /** Aborted on Ctrl-C; providers that wait must listen. */
  readonly signal: AbortSignal;
  /** Which of several answers to the same question, from 0. */
  readonly sample: number;
  /** Called with every call of a model that the answer took, good or bad, before the answer is returned. */
  readonly onCall: (call: ChatCall) => void;
}

/**
 * Writes knowledge about a context `C` (of a user or an item). One promise per context: a provider that profits from many questions at
 * once says so by the `inFlight` of its {@link Provider} and groups them; strategies stay per subject.
 *
 * Errors: a `FlowError` stops the whole run (wrong key, budget spent); an `AnswerPending` means that the answer comes by batch, and the
 * subject is asked about again then; anything else is stored as the error of this subject.
 */
export interface Actor<C> {
  readonly origin: Origin;
  readonly reason: (context: C, ask: Ask) => Promise<ActorAnswer>;
  /** Rewrites `previousText` as `reflection` suggests. */
  readonly refine: (
    context: C,
    previousText: string,
    reflection: string,
    ask: Ask,
  ) => Promise<ActorAnswer>;
}

/** Judges a text about a context `C`. Errors as for {@link Actor}. */
export interface Reflector<C> {
  readonly origin: Origin;
  readonly reflect: (context: C, text: string, ask: Ask) => Promise<ReflectorAnswer>;
}

/** Plays both roles for users and items. */
export interface Provider {
  /** Number of questions to ask concurrently. */
  readonly inFlight: number;
  readonly actors: { readonly user: Actor<UserContext>; readonly item: Actor<ItemContext> };
  readonly reflectors: {
    readonly user: Reflector<UserContext>;
    readonly item: Reflector<ItemContext>;
  };
}

/** How an actor reasons: by the method's own prompt, or by one chain of thought. */
export type ActorStyle = "reason" | "kar";
