/** @file What the two roles of the method are asked and what they answer. Strategies know only this file. */

import type { ChatCall } from "../llm/chat.ts";
import type { ItemContext, UserContext } from "./contexts/contexts.ts";

/** Who wrote an answer; kept beside every text. */
export interface Origin {
  /** Provider as named in the settings: "profiler", "openai". */
  readonly provider: string;
  /** Model as the provider knows it. */
  readonly model: string;
  /** Version of the prompt or of the rules; a change of wording changes it. */
  readonly promptVersion: string;
}

/** A knowledge text. */
export interface ActorAnswer extends Origin {
  readonly text: string;
}

/** A judgement on a knowledge text. `text` is the raw answer it was read from. */
export type ReflectorAnswer = Origin & { readonly text: string } & (
    | { readonly judgement: "reasonable"; readonly reflection: null }
    | { readonly judgement: "unreasonable"; readonly reflection: string }
  );

/** What goes with every question. */
export interface Ask {
  /** Aborted on Ctrl-C; a provider that waits must listen. */
  readonly signal: AbortSignal;
  /** Which of several answers to the same question, from 0. */
  readonly sample: number;
  /** Called with every call of a model that the answer took, good or bad, before the answer is returned. */
  readonly onCall: (call: ChatCall) => void;
}

/**
 * Writes knowledge about a context `C` (a user's or an item's). One promise a context: a provider that profits from
 * many questions at once says so by `inFlight` of its {@link Provider} and groups what arrives; strategies stay per subject.
 *
 * Errors: a `FlowError` means that the whole run cannot go on (wrong key, budget spent) and stops it; an `AnswerPending` that the
 * answer comes by batch, and the subject is taken up again then; anything else is kept as the error of this one subject.
 */
export interface Actor<C> {
  readonly origin: Origin;
  readonly reason: (context: C, ask: Ask) => Promise<ActorAnswer>;
  /** Rewrites `previousText` in the light of `reflection`. */
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
  /** How many questions it wants to have open at a time. */
  readonly inFlight: number;
  readonly actors: { readonly user: Actor<UserContext>; readonly item: Actor<ItemContext> };
  readonly reflectors: {
    readonly user: Reflector<UserContext>;
    readonly item: Reflector<ItemContext>;
  };
}

/** How an actor reasons: by the method's own prompt, or by one chain of thought. */
export type ActorStyle = "reason" | "kar";
