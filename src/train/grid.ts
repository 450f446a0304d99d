/** @file The grid of settings: which combinations are tried, and how each is numbered. */
import { z } from "zod";
import { canonicalJson, toJson } from "../base/json.ts";

type GridShape<Shape extends z.core.$ZodShape> = {
  readonly [Key in keyof Shape]: z.ZodOptional<z.ZodArray<Shape[Key]>>;
};

/** `train.grid`: a list of values for any of the settings in `shape`, each value checked as that setting is. */
export function gridSetting<Shape extends Readonly<Record<string, z.ZodType>>>(
  shape: Shape,
): z.ZodObject<GridShape<Shape>, z.core.$strict> {
  const lists = Object.entries(shape).map(([key, setting]) => [
    key,
    z.array(setting).min(1).optional().describe(`values of train.${key} to try`),
  ]);
  return z.strictObject(Object.fromEntries(lists) as GridShape<Shape>);
}

/** One combination of the grid's values. */
export interface Trial {
  /** See {@link trialsOf}. */
  readonly trial: number;
  /** The values it tries; absent without a grid. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/**
 * Every combination of the values, each value of a setting once; a single trial without a grid.
 *
 * Trials are numbered from 0 by the largest place that one of their values has in its list, then in the order of the lists, the
 * last changing fastest. So a combination keeps its number, and a model its task, when values are appended to any of the lists.
 * Lists of unequal length leave numbers out: 3 values by 2 give 0, 1, 2, 3, 6 and 7.
 */
export function trialsOf(
  grid: Readonly<Record<string, readonly unknown[] | undefined>>,
): readonly Trial[] {
  const lists = Object.entries(grid).flatMap(([key, values]) =>
    values === undefined ? [] : [{ key, values: distinctValues(values) }],
  );
  if (lists.length === 0) return [{ trial: 0 }];
  return placesIn(lists.map(({ values }) => values.length))
    .map((places) => ({
      trial: numberOf(places),
      settings: Object.fromEntries(
        lists.map(({ key, values }, list) => [key, values[places[list] ?? 0]]),
      ),
    }))
    .sort((a, b) => a.trial - b.trial);
}

/** The values as they come, those that are equal as JSON once. */
function distinctValues(values: readonly unknown[]): readonly unknown[] {
  const texts = values.map((value) => canonicalJson(toJson({ value })));
  return values.filter((_value, place) => texts.indexOf(texts[place] ?? "") === place);
}

/** A place in each list, all combinations of them. */
function placesIn(lengths: readonly number[]): readonly (readonly number[])[] {
  return lengths.reduce<readonly (readonly number[])[]>(
    (combinations, length) =>
      combinations.flatMap((places) =>
        Array.from({ length }, (_none, place) => [...places, place]),
      ),
    [[]],
  );
}

/** How many combinations of endless lists come before these places. */
function numberOf(places: readonly number[]): number {
  const largest = Math.max(...places);
  let before = largest ** places.length; // those whose places are all smaller than the largest of these
  let hasLargest = false;
  for (const [list, place] of places.entries()) {
    const rest = places.length - list - 1;
    // With a smaller place in this list, the rest is free but for having to reach the largest, if nothing has yet.
    before += place * ((largest + 1) ** rest - (hasLargest ? 0 : largest ** rest));
    hasLargest ||= place === largest;
  }
  return before;
}
