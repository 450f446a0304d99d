import type { RandomStream } from "./simulate-random.ts";
import { attentionOn, type SimulatedFilm } from "./simulate-films.ts";

/** Where viewers find films: all films, or those of one genre, with odds by attention on that day. */
export interface Shelves {
  /** A film; null if there is none to show. */
  readonly draw: (day: number, genre: number | null, random: RandomStream) => SimulatedFilm | null;
}

interface Shelf {
  readonly films: readonly SimulatedFilm[];
  /** Running sum of attention. */
  readonly upTo: Float64Array;
}

/** Days between updates of attention. */
const refreshDays = 15;

/** Shelves over a span of days. Attention is that of the last update, so a film shows up a little after it is added. */
export function openShelves(films: readonly SimulatedFilm[]): Shelves {
  const filled: Shelf[][] = [];
  const shelfOf = (day: number, genre: number | null): Shelf => {
    const refresh = Math.floor(day / refreshDays);
    const shelves = (filled[refresh] ??= []);
    return (shelves[genre === null ? 0 : genre + 1] ??= fillShelf(
      films.filter((film) => genre === null || film.genre === genre),
      refresh * refreshDays,
    ));
  };
  return {
    draw(day, genre, random) {
      const { films: shown, upTo } = shelfOf(day, genre);
      return shown[firstAbove(upTo, random.uniform() * (upTo.at(-1) ?? 0))] ?? null;
    },
  };
}

function fillShelf(films: readonly SimulatedFilm[], day: number): Shelf {
  const upTo = new Float64Array(films.length);
  let sum = 0;
  for (const [index, film] of films.entries()) {
    sum += attentionOn(film, day);
    upTo[index] = sum;
  }
  return { films, upTo };
}

/** Position of the first number above `target` in an ascending row; its length if there is none. */
function firstAbove(ascending: Float64Array, target: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? Infinity) > target) high = middle;
    else low = middle + 1;
  }
  return low;
}
