/** Names for the items and people of a domain, in lower case, and what happens between them: film, films, viewer, viewers, rated. */
export interface DomainNouns {
  readonly item: string;
  readonly items: string;
  readonly person: string;
  readonly people: string;
  /** What an event is, as a past participle: rated, bought, listened to. */
  readonly event: string;
  readonly feedback: Feedback;
}

/** What an event says about the item: how much it was liked, or only whether it was chosen. */
export type Feedback =
  | {
      readonly kind: "rating";
      /** A rating above this counts as liked. */
      readonly likedAbove: number;
      /** The best rating there is; null where nobody said. */
      readonly highest: number | null;
    }
  | { readonly kind: "choice" };

const stars: Feedback = { kind: "rating", likedAbove: 3, highest: 5 };

/** The nouns with their English plurals, of items that are rated with up to five stars unless `more` says otherwise. */
export function domainNouns(
  item: string,
  person: string,
  more: Partial<Omit<DomainNouns, "item" | "person">> = {},
): DomainNouns {
  const { items = plural(item), people = plural(person), event = "rated", feedback = stars } = more;
  return { item, items, person, people, event, feedback };
}

/** The words of the settings; where they say nothing, neutral ones. */
export interface WordSettings {
  readonly nouns: {
    readonly item?: string | undefined;
    readonly items?: string | undefined;
    readonly user?: string | undefined;
    readonly users?: string | undefined;
    readonly event?: string | undefined;
  };
  /** The best rating; "none" where events are no ratings. */
  readonly scale?: number | "none" | undefined;
}

/**
 * The domain as the settings describe it.
 *
 * @param positiveAbove - A rating above this counts as liked
 */
export function domainOf({ nouns, scale }: WordSettings, positiveAbove: number): DomainNouns {
  const { item = "item", user = "user", items, users, event } = nouns;
  const isChoice = scale === "none";
  return domainNouns(item, user, {
    ...(items !== undefined && { items }),
    ...(users !== undefined && { people: users }),
    event: event ?? (isChoice ? "chosen" : "rated"),
    feedback: isChoice
      ? { kind: "choice" }
      : { kind: "rating", likedAbove: positiveAbove, highest: scale ?? null },
  });
}

/**
 * What of the words decides texts: item and person as earlier runs have them, so that these keep their keys; plurals where they are not
 * the usual ones; that there are no ratings. A language model is also told what an event is and how far ratings go.
 */
export function wordsIdentity(words: WordSettings, isModelAsked: boolean): object {
  const { item, items, person, people, event, feedback } = domainOf(words, 0);
  const usual = domainNouns(item, person);
  return {
    itemNoun: item,
    personNoun: person,
    ...(items !== usual.items && { itemsNoun: items }),
    ...(people !== usual.people && { peopleNoun: people }),
    ...(feedback.kind === "choice" && { event, scale: "none" }),
    ...(isModelAsked && { event, scale: words.scale ?? null }),
  };
}

function plural(noun: string): string {
  if (/[^aeiou]y$/u.test(noun)) return `${noun.slice(0, -1)}ies`;
  if (/(?:s|x|z|ch|sh)$/u.test(noun)) return noun.endsWith("series") ? noun : `${noun}es`;
  return `${noun}s`;
}
