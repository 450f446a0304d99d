import type { Item, Rated } from "../contexts/contexts.ts";

/** A value of an attribute that items may share: genre Drama, director Billy Wilder, decade 1950s. */
export interface Trait {
  readonly attribute: string;
  readonly value: string;
}

/** How the rated items with some trait fared. */
export interface Count {
  readonly liked: number;
  readonly disliked: number;
  /** Mean rating, stars; NaN for no item. */
  readonly mean: number;
}

/** The counts of a history by trait. */
export interface Tally {
  /** Every trait that occurs, in order of first occurrence. */
  readonly traits: readonly Trait[];
  readonly of: (trait: Trait) => Count;
  /** Over all rated items. */
  readonly overall: Count;
}

/** The attribute derived from the year, unless the item has one of that name. */
const decadeAttribute = "decade";

/** All traits of an item, each once: its attributes in their order, then the decade. */
export function traitsOf(item: Item): readonly Trait[] {
  const traits: Trait[] = [];
  for (const [attribute, values] of Object.entries(item.attributes)) {
    for (const [place, value] of values.entries()) {
      if (values.indexOf(value) === place) traits.push({ attribute, value });
    }
  }
  const decade = decadeOf(item.year);
  const hasOwn = (item.attributes[decadeAttribute] ?? []).length > 0;
  if (decade !== null && !hasOwn) traits.push({ attribute: decadeAttribute, value: decade });
  return traits;
}

/** "1950s" for 1958; null for an unknown year. */
function decadeOf(year: number | null): string | null {
  return year === null ? null : `${year - (year % 10)}s`;
}

/** Counts a history. */
export function tally(history: readonly Rated[]): Tally {
  const traits: Trait[] = [];
  const counters = new Map<string, Counter>();
  for (const rated of history) {
    for (const trait of traitsOf(rated.item)) {
      const key = keyOf(trait);
      let counter = counters.get(key);
      if (counter === undefined) {
        counter = { liked: 0, disliked: 0, sum: 0 };
        counters.set(key, counter);
        traits.push(trait);
      }
      add(counter, rated);
    }
  }
  const all: Counter = { liked: 0, disliked: 0, sum: 0 };
  for (const rated of history) add(all, rated);
  return {
    traits,
    of: (trait) => countOf(counters.get(keyOf(trait))),
    overall: countOf(all),
  };
}

/** How many more liked than disliked. */
export function marginOf(count: Count): number {
  return count.liked - count.disliked;
}

/** Whether `side` has more, and enough: three, or two with none on the other. */
export function isClear(count: Count, side: "liked" | "disliked"): boolean {
  const [own, other] =
    side === "liked" ? [count.liked, count.disliked] : [count.disliked, count.liked];
  return own > other && own >= (other === 0 ? 2 : 3);
}

/** Whether `side` leads by three or more, so that a text must say so. */
export function isStrong(count: Count, side: "liked" | "disliked"): boolean {
  return (side === "liked" ? marginOf(count) : -marginOf(count)) >= 3;
}

/** Counts in words, for a reflection. */
export function counted({ liked, disliked }: Count): string {
  return `${liked} liked, ${disliked} disliked`;
}

/** How {@link glance} looks. */
export interface Glance {
  readonly side: "liked" | "disliked";
  /** By how many `side` must lead the other side at least. */
  readonly lead: number;
  /** Most values of an attribute. */
  readonly limit: number;
}

/**
 * The traits that at least two on one side have: the most frequent value of each attribute, then the second of each, and
 * so on; ties by first occurrence.
 */
export function glance(counts: Tally, { side, lead, limit }: Glance): readonly Trait[] {
  const other = side === "liked" ? "disliked" : "liked";
  const seen = counts.traits
    .map((trait) => ({ trait, count: counts.of(trait) }))
    .filter(({ count }) => count[side] > 1 && count[side] - count[other] >= lead)
    .sort((a, b) => b.count[side] - a.count[side])
    .map(({ trait }) => trait);
  const ranks = Array.from({ length: limit }, (_, rank) => rank);
  const byAttribute = [...new Set(counts.traits.map(({ attribute }) => attribute))].map((name) =>
    seen.filter(({ attribute }) => attribute === name),
  );
  return ranks.flatMap((rank) => byAttribute.flatMap((traits) => traits.slice(rank, rank + 1)));
}

interface Counter {
  liked: number;
  disliked: number;
  sum: number;
}

function add(counter: Counter, { liked, rating }: Rated): void {
  if (liked) counter.liked += 1;
  else counter.disliked += 1;
  counter.sum += rating;
}

function countOf({ liked, disliked, sum }: Counter = { liked: 0, disliked: 0, sum: 0 }): Count {
  return { liked, disliked, mean: sum / (liked + disliked) };
}

function keyOf({ attribute, value }: Trait): string {
  return `${attribute.length}:${attribute}${value}`;
}
