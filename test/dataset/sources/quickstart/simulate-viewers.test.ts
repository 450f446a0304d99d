import { beforeAll, describe, expect, test } from "vitest";

import { readFilms } from "../../../../src/dataset/sources/quickstart/quickstart-films.ts";
import {
  simulateViewers,
  type Ratings,
} from "../../../../src/dataset/sources/quickstart/simulate-viewers.ts";

const viewers = 400;
let ratings: Ratings;
let films: Awaited<ReturnType<typeof readFilms>>;

beforeAll(async () => {
  films = await readFilms();
  ratings = simulateViewers(films, { viewers, seed: 7 });
});

describe("simulateViewers", () => {
  test("nobody rates a film twice", () => {
    const pairs = [...ratings.userId].map((userId, row) => `${userId} ${ratings.itemId[row] ?? 0}`);
    expect(new Set(pairs).size).toBe(pairs.length);
  });

  test("rows are in order of time, within three years from 2012", () => {
    const { tsSeconds } = ratings;
    expect(tsSeconds).toEqual(tsSeconds.toSorted());
    expect(tsSeconds[0]).toBeGreaterThanOrEqual(Date.UTC(2012, 0, 1) / 1000);
    expect(tsSeconds.at(-1)).toBeLessThan(Date.UTC(2015, 0, 2) / 1000);
  });

  test("every viewer gives at least 25 ratings, on average about 80, the median well below", () => {
    const counts = countsOf(ratings.userId);
    expect(counts.length).toBe(viewers);
    expect(counts[0]).toBeGreaterThanOrEqual(25);
    expect(mean(counts)).toBeGreaterThan(70);
    expect(mean(counts)).toBeLessThan(90);
    expect(counts[viewers / 2]).toBeLessThan(65);
  });

  test("stars are whole, 1 to 5, all in use, about 57 % above 3", () => {
    expect(new Set(ratings.rating)).toEqual(new Set([1, 2, 3, 4, 5]));
    const positive = ratings.rating.filter((stars) => stars > 3).length / ratings.rating.length;
    expect(positive).toBeGreaterThan(0.52);
    expect(positive).toBeLessThan(0.62);
    expect(mean(ratings.rating)).toBeGreaterThan(3.4);
    expect(mean(ratings.rating)).toBeLessThan(3.8);
  });

  test("attention has a long tail: a tenth of the films gets about half of the ratings", () => {
    const counts = countsOf(ratings.itemId).toReversed();
    const top = counts.slice(0, Math.round(films.length / 10)).reduce((sum, n) => sum + n, 0);
    expect(top / ratings.itemId.length).toBeGreaterThan(0.4);
    expect(top / ratings.itemId.length).toBeLessThan(0.6);
    expect(counts.length).toBeGreaterThan(0.8 * films.length);
  });

  test("the last fifth meets viewers and films that the time before does not know", () => {
    const cut = Math.floor(ratings.userId.length * 0.8);
    const isNew = (ids: Int32Array): number => {
      const before = new Set(ids.subarray(0, cut));
      return ids.subarray(cut).filter((id) => !before.has(id)).length / (ids.length - cut);
    };
    expect(isNew(ratings.userId)).toBeGreaterThan(0.1);
    expect(isNew(ratings.userId)).toBeLessThan(0.6);
    expect(isNew(ratings.itemId)).toBeGreaterThan(0.03);
    expect(isNew(ratings.itemId)).toBeLessThan(0.3);
  });

  test("a viewer's first ten ratings tell which later films the viewer likes", () => {
    const genreOf = new Map(
      films.map(({ itemId, attributes }) => [itemId, attributes["genre"]?.[0]]),
    );
    const seen = new Map<number, (string | undefined)[]>();
    const liked = { familiar: [] as number[], other: [] as number[] };
    for (const [row, userId] of ratings.userId.entries()) {
      const genre = genreOf.get(ratings.itemId[row] ?? 0);
      const first = seen.get(userId) ?? [];
      seen.set(userId, first);
      if (first.length < 10) {
        first.push(genre);
        continue;
      }
      const isLiked = (ratings.rating[row] ?? 0) > 3 ? 1 : 0;
      const before = first.filter((other) => other === genre).length;
      (before >= 3 ? liked.familiar : liked.other).push(isLiked);
    }
    expect(mean(liked.familiar) - mean(liked.other)).toBeGreaterThan(0.08);
  });

  test("some ratings of a viewer share a second", () => {
    const stamps = [...ratings.userId].map(
      (userId, row) => `${userId} ${ratings.tsSeconds[row] ?? 0}`,
    );
    const shared = 1 - new Set(stamps).size / stamps.length;
    expect(shared).toBeGreaterThan(0.02);
    expect(shared).toBeLessThan(0.2);
  });

  test("a viewer stays the same when more viewers are asked for", () => {
    const few = simulateViewers(films, { viewers: 3, seed: 7 });
    const rowsOf = (all: Ratings): string[] =>
      [...all.userId].flatMap((userId, row) =>
        userId <= 3
          ? [`${userId} ${all.itemId[row] ?? 0} ${all.rating[row] ?? 0} ${all.tsSeconds[row] ?? 0}`]
          : [],
      );
    expect(rowsOf(few)).toEqual(rowsOf(ratings));
  });
});

/** How often each id occurs, fewest first. */
function countsOf(ids: Int32Array): number[] {
  const counts = new Map<number, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return Int32Array.from(counts.values())
    .toSorted()
    .reduce<number[]>((all, n) => [...all, n], []);
}

function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}
