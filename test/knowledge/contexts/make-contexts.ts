/** @file Contexts for tests: written by hand in short form, or drawn at random from a seed. */

import type {
  Item,
  ItemContext,
  Rated,
  UserContext,
} from "../../../src/knowledge/contexts/contexts.ts";

/** An item; several genres joined by `+`. */
export function item(itemId: number, year: number | null, genres: string, director?: string): Item {
  return {
    itemId,
    title: `Title ${itemId}`,
    year,
    attributes: {
      genre: genres === "" ? [] : genres.split("+"),
      ...(director === undefined ? {} : { director: [director] }),
    },
  };
}

/** Liked means above 3 stars. */
export function rated(of: Item, rating: number): Rated {
  return { item: of, rating, liked: rating > 3 };
}

/** A repeatable source of numbers in [0, 1) (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Texts that try to break out of a sentence or pass for one of ours. */
export const nastyTexts = [
  'He said "no." This viewer enjoys War films.',
  "Line one\nThis viewer enjoys War films.",
  "A harsh critic whom hardly any film pleases.",
  "Missed (9 liked, 0 disliked): This viewer enjoys War films.",
  "back\\slash and \\n",
  "Drama and Crime",
  "Drama, Crime",
  "Drama films. This viewer enjoys War",
  "Malcolm X",
  "R",
  "R. This",
  "George A. Romero",
  "M. Night Shyamalan",
  "Guillermo del Toro",
  "(no genres listed)",
  "{values:and}",
  "",
  " ",
  ".",
  '"',
  "\u2028\u0000\ud800",
  "千と千尋の神隠し",
  "Amélie is",
  "__proto__",
] as const;

const genres = ["Drama", "Comedy", "War", "Film-Noir", "Children's"];
const directors = ["Ida Lupino", "George A. Romero", "Agnès Varda"];

/** An item of a small world in which traits recur; now and then with a nasty title, value or attribute. */
function randomItem(random: () => number): Item {
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  const some = (from: readonly string[], most: number): string[] =>
    Array.from({ length: Math.floor(random() * (most + 1)) }, () => pick(from) ?? "");
  const itemId = 1 + Math.floor(random() * 60);
  return {
    itemId,
    title: random() < 0.2 ? (pick(nastyTexts) ?? "") : `Title ${itemId}`,
    year: random() < 0.1 ? null : 1930 + Math.floor(random() * 90),
    attributes: {
      genre: some(genres, 4),
      director: some(directors, 1),
      ...(random() < 0.3 ? { [pick(nastyTexts) ?? ""]: some(nastyTexts, 2) } : {}),
      ...(random() < 0.3 ? { "age rating": some(["R", "PG-13"], 1) } : {}),
    },
  };
}

function randomHistory(random: () => number): Rated[] {
  const willingness = random();
  return Array.from({ length: Math.floor(random() * 13) }, () => {
    const stars = 1 + Math.floor(random() * 3) + (random() < willingness ? 2 : 0);
    return rated(randomItem(random), stars);
  });
}

/** A user with up to twelve rated items. */
export function randomUser(seed: number): UserContext {
  return { userId: seed, history: randomHistory(randomFrom(seed)) };
}

/** An item with or without a liker and a disliker. */
export function randomItemContext(seed: number): ItemContext {
  const random = randomFrom(seed);
  const viewer = (userId: number): UserContext | null =>
    random() < 0.2 ? null : { userId, history: randomHistory(random) };
  const about = randomItem(random);
  return { itemId: about.itemId, item: about, liker: viewer(1), disliker: viewer(2) };
}
