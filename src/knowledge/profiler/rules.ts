import type { Claim } from "./claims.ts";

/** What is wrong with a claim, or with leaving one out. */
export const faults = ["Contradicted", "Unsupported", "Wrong", "Shared", "Missed"] as const;
/** See {@link faults}. */
export type Fault = (typeof faults)[number];

/** A fault with the counts behind it. `because` has no brackets and no text from the data. */
export interface Complaint {
  readonly fault: Fault;
  readonly because: string;
}

/** A complaint about a claim. */
export interface Objection<Kind extends string> extends Complaint {
  readonly claim: Claim<Kind>;
}

/** What the profiler can say about one context, counted once. All functions are pure and total. */
export interface Study<Kind extends string> {
  /** What a hasty reader would say. */
  readonly draft: () => readonly Claim<Kind>[];
  /** Derives the claim again from the counts; undefined when it holds. */
  readonly examine: (claim: Claim<Kind>) => Complaint | undefined;
  /** What a text with these claims should have said too. */
  readonly missed: (claims: readonly Claim<Kind>[]) => readonly Objection<Kind>[];
  /** What holds instead of a rejected claim; undefined when nothing does. */
  readonly correct: (claim: Claim<Kind>) => Claim<Kind> | undefined;
  /** Puts claims in the order of telling, strongest first, each once. */
  readonly arrange: (claims: readonly Claim<Kind>[]) => readonly Claim<Kind>[];
}

/** The rules for one kind of subject. */
export type Rules<Kind extends string, C> = (context: C) => Study<Kind>;
