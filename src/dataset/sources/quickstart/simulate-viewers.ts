import type { Film } from "./quickstart-films.ts";
import { simulateFilms, type SimulatedFilm } from "./simulate-films.ts";
import { randomStream, type RandomStream } from "./simulate-random.ts";
import { openShelves, type Shelves } from "./simulate-shelves.ts";
import { toneAxes } from "./simulate-tones.ts";

/** Ratings in the order they were given, as columns of equal length. */
export interface Ratings {
  readonly userId: Int32Array;
  readonly itemId: Int32Array;
  /** 1 to 5 whole stars. */
  readonly rating: Float32Array;
  /** Seconds since 1970, UTC. */
  readonly tsSeconds: Int32Array;
}

/** Parameters of the model, see {@link simulateViewers}. In stars unless a unit is given. */
const model = {
  startSeconds: Date.UTC(2012, 0, 1) / 1000,
  spanDays: 3 * 365,
  fewestRatings: 25,
  moreRatings: 220,
  welcomeRatings: 10,
  mean: 3.35,
  bias: 0.4,
  toneLiking: 0.4,
  genreLiking: 0.3,
  toneDrift: 0.08,
  evening: 0.25,
  noise: 0.75,
  themeShare: 0.75,
  welcomeShelf: 12,
  shelfFilms: 2,
  choiceNoise: 0.4,
} as const;

/** More than the keenest viewer rates, with a margin for films that are not on yet. */
const fewestFilms = 1000;

interface Viewer {
  readonly userId: number;
  readonly joinDay: number;
  readonly leaveDay: number;
  readonly ratings: number;
  readonly bias: number;
  /** Stars per unit of each tone axis, on joining. */
  readonly toneLiking: Float64Array;
  /** Change of that per year. */
  readonly toneDrift: Float64Array;
  /** Stars by index of the genre. */
  readonly genreLiking: Float64Array;
}

interface Event {
  readonly userId: number;
  readonly itemId: number;
  readonly stars: number;
  readonly tsSeconds: number;
}

/**
 * Simulates viewers of a film service over three years from 2012-01-01 and returns their ratings. No real person's data
 * are used. The same seed gives the same ratings on every machine (only exactly rounded arithmetic is used),
 * and a viewer stays the same when the number of viewers grows.
 *
 * **Films** get tone, quality, fame and a day of arrival: see `simulateFilms`.
 *
 * **A viewer** u joins on a day, uniform over the first 95 % of the span, stays 30 to 800 days and gives
 * 25 + floor(220 U³) ratings (U uniform; mean 80; a few viewers give many). The part of u's taste that a text can express:
 *
 *     match(u, i, t) = Σ_axis (toneLiking + toneDrift · years since joining) · tone_i[axis]    0.4, 0.08 N(0,1) per axis
 *                      + liking for the genre of i                                             0.3 N(0,1) per genre
 *
 * **Stars** = round(3.35 + quality_i + bias_u + match(u, i, t) + evening + noise), within 1 and 5;
 * bias 0.4 N(0,1) per viewer, evening 0.25 N(0,1) per session, noise 0.75 N(0,1) per rating.
 *
 * **Choice.** A viewer takes from a shelf of unseen films (odds by attention) the one with the highest
 * match + 0.4 N(0,1). On joining, ten films at once, each from a shelf of 12 and without an evening's mood: people
 * start with what they love. After that come sessions of 1 to 9 ratings on days spread evenly over the stay,
 * from shelves of 2: people watch what is on. The genre of an evening's first film is its theme, and each later shelf
 * shows only that genre with probability 0.75. So the first ten ratings tell what the viewer likes, and the last ten mostly
 * what was on. Nobody rates a film twice.
 *
 * **Time.** Ratings of a session follow within seconds to minutes; about one in twelve has the same second as the one
 * before it.
 *
 * @param films - The catalogue; at least 1,000, so that nobody runs out of films
 * @param options - `viewers`: how many, numbered from 1; `seed`: determines everything
 * @returns Ordered by time, then viewer, then the viewer's own order
 */
export function simulateViewers(
  films: readonly Film[],
  { viewers, seed }: { readonly viewers: number; readonly seed: number },
): Ratings {
  if (films.length < fewestFilms) {
    throw new Error(`internal: expected at least ${fewestFilms} films, got ${films.length}`);
  }
  const simulated = simulateFilms(films, { seed, spanDays: model.spanDays });
  const genres = new Set(simulated.map((film) => film.genre)).size;
  const shelves = openShelves(simulated);
  const events: Event[] = [];
  for (let userId = 1; userId <= viewers; userId++) {
    const random = randomStream(seed, "viewer", userId);
    events.push(...ratingsOf(viewerOf(userId, genres, random), shelves, random));
  }
  // The sort is stable: ties keep viewer and the viewer's own order.
  events.sort((a, b) => a.tsSeconds - b.tsSeconds);
  return {
    userId: Int32Array.from(events, (event) => event.userId),
    itemId: Int32Array.from(events, (event) => event.itemId),
    rating: Float32Array.from(events, (event) => event.stars),
    tsSeconds: Int32Array.from(events, (event) => event.tsSeconds),
  };
}

function viewerOf(userId: number, genres: number, random: RandomStream): Viewer {
  const joinDay = random.uniform() * 0.95 * model.spanDays;
  const eager = random.uniform();
  return {
    userId,
    joinDay,
    leaveDay: Math.min(model.spanDays, joinDay + 30 + random.uniform() * 770),
    ratings: model.fewestRatings + Math.floor(model.moreRatings * eager * eager * eager),
    bias: model.bias * random.normal(),
    toneLiking: Float64Array.from(toneAxes, () => model.toneLiking * random.normal()),
    toneDrift: Float64Array.from(toneAxes, () => model.toneDrift * random.normal()),
    genreLiking: Float64Array.from({ length: genres }, () => model.genreLiking * random.normal()),
  };
}

/** All ratings of one viewer, in order. */
function ratingsOf(viewer: Viewer, shelves: Shelves, random: RandomStream): readonly Event[] {
  const events: Event[] = [];
  const seen = new Set<number>();
  const rate = (film: SimulatedFilm, day: number, evening: number, tsSeconds: number): void => {
    seen.add(film.itemId);
    const liking = model.mean + film.quality + viewer.bias + matchOf(viewer, film, day);
    const stars = Math.round(liking + evening + model.noise * random.normal());
    events.push({
      userId: viewer.userId,
      itemId: film.itemId,
      stars: Math.min(5, Math.max(1, stars)),
      tsSeconds,
    });
  };

  let clock = secondsOf(viewer.joinDay);
  while (events.length < model.welcomeRatings) {
    const shelf = { day: viewer.joinDay, genre: null, seen, films: model.welcomeShelf };
    rate(choose(viewer, shelves, shelf, random), viewer.joinDay, 0, clock);
    clock += secondsToNext(random, 20);
  }

  for (const { day, ratings } of sessionsOf(viewer, random)) {
    const evening = model.evening * random.normal();
    clock = Math.max(clock + 60, secondsOf(day));
    let theme: number | null = null;
    for (let place = 0; place < ratings; place++) {
      const genre = random.uniform() < model.themeShare ? theme : null;
      const film = choose(viewer, shelves, { day, genre, seen, films: model.shelfFilms }, random);
      theme ??= film.genre;
      rate(film, day, evening, clock);
      clock += secondsToNext(random, 90);
    }
  }
  return events;
}

/** The film the viewer takes from a shelf: the best match of the unseen ones on it; any film if the genre is used up. */
function choose(
  viewer: Viewer,
  shelves: Shelves,
  shelf: {
    readonly day: number;
    readonly genre: number | null;
    readonly seen: ReadonlySet<number>;
    readonly films: number;
  },
  random: RandomStream,
): SimulatedFilm {
  const { day, genre, seen, films } = shelf;
  let best: SimulatedFilm | null = null;
  let bestScore = -Infinity;
  let shown = 0;
  for (let look = 0; look < 40 && shown < films; look++) {
    const film = shelves.draw(day, genre, random);
    if (film === null) break;
    if (seen.has(film.itemId)) continue;
    shown++;
    const score = matchOf(viewer, film, day) + model.choiceNoise * random.normal();
    if (score > bestScore) {
      best = film;
      bestScore = score;
    }
  }
  return best ?? choose(viewer, shelves, { day, genre: null, seen, films }, random);
}

function matchOf(viewer: Viewer, film: SimulatedFilm, day: number): number {
  const years = (day - viewer.joinDay) / 365;
  let match = viewer.genreLiking[film.genre] ?? 0;
  for (let axis = 0; axis < toneAxes.length; axis++) {
    const liking = (viewer.toneLiking[axis] ?? 0) + (viewer.toneDrift[axis] ?? 0) * years;
    match += liking * (film.tone[axis] ?? 0);
  }
  return match;
}

/** Sessions after the welcome, in order of time; their ratings add up to the viewer's remaining ones. */
function sessionsOf(
  viewer: Viewer,
  random: RandomStream,
): readonly { readonly day: number; readonly ratings: number }[] {
  const sizes: number[] = [];
  for (let left = viewer.ratings - model.welcomeRatings; left > 0;) {
    const size = Math.min(left, 1 + random.below(9));
    sizes.push(size);
    left -= size;
  }
  const stay = viewer.leaveDay - viewer.joinDay;
  const days = sizes.map(() => viewer.joinDay + random.uniform() * stay).sort((a, b) => a - b);
  return sizes.map((ratings, index) => ({ day: days[index] ?? viewer.leaveDay, ratings }));
}

function secondsOf(day: number): number {
  return model.startSeconds + Math.floor(day * 86_400);
}

function secondsToNext(random: RandomStream, mean: number): number {
  return random.below(12) === 0 ? 0 : 1 + random.below(2 * mean - 1);
}
