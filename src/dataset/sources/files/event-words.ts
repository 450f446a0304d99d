import type { SourceWords } from "../source.ts";
import type { FileColumns } from "./settings.ts";

/** Past participles of what event types and label columns are often called. */
const participles: Readonly<Record<string, string>> = {
  buy: "bought",
  order: "ordered",
  transaction: "bought",
  cart: "put into the cart",
  addtocart: "put into the cart",
  click: "clicked",
  view: "viewed",
  pageview: "viewed",
  watch: "watched",
  play: "played",
  listen: "listened to",
  read: "read",
  purchase: "bought",
  like: "liked",
  save: "saved",
  bookmark: "bookmarked",
  download: "downloaded",
  install: "installed",
  share: "shared",
  bought: "bought",
};

/**
 * What an event is: rated, where there are ratings; else what the label column or the positive event types are called, if all of these are
 * words that English has for it.
 */
export function eventWords({ rating, label, positiveEvents }: FileColumns): SourceWords {
  if (rating !== undefined) return { nouns: { event: "rated" } };
  const names = label === undefined ? positiveEvents : [label];
  const events = [...new Set(names.map(participleOf))];
  const isKnown = events.length > 0 && !events.includes(undefined);
  return { nouns: { ...(isKnown && { event: events.join(" or ") }) }, scale: "none" };
}

/** "bought" for Purchase, "clicked" for is_clicked. */
function participleOf(name: string): string | undefined {
  const word = name
    .toLowerCase()
    .replace(/^(?:is|was|has)[_ -]/u, "")
    .replace(/[^a-z]/gu, "");
  const own = Object.hasOwn(participles, word) ? participles[word] : undefined;
  return own ?? (/^[a-z]{2,}ed$/u.test(word) ? word : undefined);
}
