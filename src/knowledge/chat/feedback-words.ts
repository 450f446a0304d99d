import type { DomainNouns } from "../domain-nouns.ts";

/** How to speak of what people made of items: of ratings, or of what was chosen and what was passed over. */
export interface FeedbackWords {
  /** "the films that one viewer has rated"; of choices, also what was not chosen. */
  readonly met: (who: string) => string;
  /** What each entry of a history says. */
  readonly entry: string;
  /** Those of a history that speak for a taste. */
  readonly positives: string;
  /** The others, after `positives` were named. */
  readonly negatives: string;
  /** What weighs how much. */
  readonly caution: string;
  /** Names of the two people beside an item, and of fields. */
  readonly sides: readonly [positive: string, negative: string];
  /** Relative clauses for these two. */
  readonly did: readonly [positive: string, negative: string];
  /** "would please them", said of the items to come. */
  readonly wouldPlease: string;
  /** Whether a person's event with the target is a positive one: "this viewer likes the target". */
  readonly question: (who: string, what: string) => string;
  /** What a verdict may be. */
  readonly verdicts: readonly [positive: string, negative: string];
  /** Of the target: that its outcome is not shown. */
  readonly withheld: string;
  /** Name and value of the outcome of an entry, as JSON without braces. */
  readonly outcome: (rating: number, liked: boolean) => string;
}

/** The words for the feedback of a domain. */
export function feedbackWords(nouns: DomainNouns): FeedbackWords {
  return nouns.feedback.kind === "rating" ? ratingWords(nouns, nouns.feedback) : choiceWords(nouns);
}

function ratingWords(
  { items, event }: DomainNouns,
  { likedAbove, highest }: { readonly likedAbove: number; readonly highest: number | null },
): FeedbackWords {
  const rated = event === "rated" ? "rated" : `${event} and rated`;
  const scale = highest === null ? "" : `, of ${highest} at most`;
  return {
    met: (who) => `the ${items} that ${who} has ${rated}`,
    entry: `the rating it got${scale}, and whether that counts as "like" (above ${likedAbove}) or "dislike"`,
    positives: `the liked ${items}`,
    negatives: "the disliked ones",
    caution: "",
    sides: ["liker", "disliker"],
    did: ["liked it", "disliked it"],
    wouldPlease: "would please them",
    question: (who, what) => `${who} likes ${what}`,
    verdicts: ["like", "dislike"],
    withheld: `that they have ${rated}: what they gave it is withheld`,
    outcome: (rating, liked) => `"rating":${rating},"verdict":"${liked ? "like" : "dislike"}"`,
  };
}

function choiceWords({ items, event }: DomainNouns): FeedbackWords {
  return {
    met: (who) => `the ${items} that ${who} came across`,
    entry: `whether it was ${event} ("yes" or "no")`,
    positives: `the ${items} that were ${event}`,
    negatives: "the ones passed over",
    caution: ` What was not ${event} was passed over at that time, which need not mean dislike: it weighs less than what was.`,
    sides: ["taker", "passer"],
    did: [`has ${event} it`, `came across it and has not ${event} it`],
    wouldPlease: `would be ${event}`,
    question: (who, what) => `${what} is ${event} by ${who}`,
    verdicts: ["yes", "no"],
    withheld: `that they came across: whether it was ${event} is withheld`,
    outcome: (_rating, liked) => `${JSON.stringify(`was ${event}`)}:"${liked ? "yes" : "no"}"`,
  };
}
