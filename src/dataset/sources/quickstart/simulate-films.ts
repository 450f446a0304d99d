import type { Film } from "./quickstart-films.ts";
import { randomStream } from "./simulate-random.ts";
import { toneAxes, toneOfFact } from "./simulate-tones.ts";

/** A film as the simulation sees it. */
export interface SimulatedFilm {
  readonly itemId: number;
  /** Index of its genre, from 0 in order of first mention. */
  readonly genre: number;
  /** Place on each tone axis; mean 0 and standard deviation 1 over the catalogue. */
  readonly tone: Float64Array;
  /** Its appeal to everybody, in stars around 0. */
  readonly quality: number;
  /** Expected attention at its best, relative to other films. */
  readonly fame: number;
  /** Days after the start at which the service adds it; below 0 if it was there before. */
  readonly addedDay: number;
}

/** Share of the catalogue that the service has from the start; the rest is added evenly over the span. */
const thereFromTheStart = 0.4;
/** Days after which a film's attention has fallen halfway to its floor. */
const attentionHalvesDays = 90;
const attentionFloor = 0.2;

/**
 * Gives every film what the catalogue does not have: tone, quality, fame, and the day the service adds it.
 *
 * - tone = facts ({@link toneOfFact}) + age + 0.5 · signature of its director + 0.4 · N(0,1), then standardised;
 *   age on the last axis = (2002 - year) / 8, within -1 and 3
 * - quality = 0.3 · talent of its director + 0.2 · luck of its source + 0.2 · luck of its style + 0.4 · N(0,1)
 *   then shifted so that its mean, weighted by fame, is 0: no seed has better films than another
 * - fame = 1 / (rank + 300)², where better films rank a little higher: rank follows 0.6 · quality + N(0,1)
 *
 * A film without a named director gets one of its own.
 *
 * @param spanDays - Length of the simulated time
 */
export function simulateFilms(
  films: readonly Film[],
  { seed, spanDays }: { readonly seed: number; readonly spanDays: number },
): readonly SimulatedFilm[] {
  const tones = standardised(films.map((film) => toneOf(film, seed)));
  const genres = [...new Set(films.map(genreOf))];
  const drafts = films.map((film, index) => {
    const own = randomStream(seed, "film", film.itemId);
    const luckOf = (kind: string): number => {
      const value = film.attributes[kind]?.[0];
      return value === undefined ? 0 : randomStream(seed, kind, value).normal();
    };
    const quality =
      0.3 * randomStream(seed, "talent", directorKey(film)).normal() +
      0.2 * luckOf("source") +
      0.2 * luckOf("style") +
      0.4 * own.normal();
    const addedDay =
      own.uniform() < thereFromTheStart
        ? -own.uniform() * 2 * 365
        : own.uniform() * 0.97 * spanDays;
    return {
      film: {
        itemId: film.itemId,
        genre: genres.indexOf(genreOf(film)),
        tone: tones[index] ?? new Float64Array(toneAxes.length),
        quality,
        addedDay,
      },
      appeal: 0.6 * quality + own.normal(),
    };
  });
  const byAppeal = [...drafts].sort((a, b) => b.appeal - a.appeal || a.film.itemId - b.film.itemId);
  const rank = new Map(byAppeal.map((draft, place) => [draft.film.itemId, place]));
  const ranked = drafts.map(({ film }) => ({
    ...film,
    fame: 1 / ((rank.get(film.itemId) ?? 0) + 300) ** 2,
  }));
  const fameOfAll = ranked.reduce((sum, { fame }) => sum + fame, 0);
  const level = ranked.reduce((sum, { fame, quality }) => sum + fame * quality, 0) / fameOfAll;
  return ranked.map((film) => ({ ...film, quality: film.quality - level }));
}

/** Attention a film gets on a day: none before it is added, then its fame, fading to a fifth. */
export function attentionOn(film: SimulatedFilm, day: number): number {
  const age = day - film.addedDay;
  if (age < 0) return 0;
  const fresh = 1 / (1 + age / attentionHalvesDays);
  return film.fame * (attentionFloor + (1 - attentionFloor) * fresh);
}

function genreOf(film: Film): string {
  return film.attributes["genre"]?.[0] ?? "";
}

function directorKey(film: Film): string {
  return film.attributes["director"]?.[0] ?? `of film ${film.itemId}`;
}

function toneOf(film: Film, seed: number): Float64Array {
  const own = randomStream(seed, "tone", film.itemId);
  const signature = randomStream(seed, "signature", directorKey(film));
  return Float64Array.from(toneAxes, (_name, axis) => {
    let place = 0.5 * signature.normal() + 0.4 * own.normal();
    for (const [kind, tones] of Object.entries(toneOfFact)) {
      place += tones[film.attributes[kind]?.[0] ?? ""]?.[axis] ?? 0;
    }
    const isAge = axis === toneAxes.length - 1;
    return isAge ? place + Math.min(3, Math.max(-1, (2002 - film.year) / 8)) : place;
  });
}

function standardised(tones: readonly Float64Array[]): readonly Float64Array[] {
  const moments = toneAxes.map((_name, axis) => {
    const places = tones.map((tone) => tone[axis] ?? 0);
    const mean = places.reduce((sum, place) => sum + place, 0) / places.length;
    const variance = places.reduce((sum, place) => sum + (place - mean) ** 2, 0) / places.length;
    return { mean, deviation: Math.sqrt(variance) || 1 };
  });
  return tones.map((tone) =>
    Float64Array.from(
      moments,
      ({ mean, deviation }, axis) => ((tone[axis] ?? 0) - mean) / deviation,
    ),
  );
}
