/** @file The grid of settings: which combinations are tried, and how they are numbered. */
import { z } from "zod";
import { canonicalJson, toJson } from "../base/json.ts";

type GridShape<Shape extends z.core.$ZodShape> = {
  readonly [Key in keyof Shape]: z.ZodOptional<z.ZodArray<Shape[Key]>>;
};

/** `train.grid`: lists of values for any of the settings in `shape`; each value is checked by its setting's schema. */
export function gridSetting<Shape extends Readonly<Record<string, z.ZodType>>>(
  shape: Shape,
): z.ZodObject<GridShape<Shape>, z.core.$strict> {
  const lists = Object.entries(shape).map(([key, setting]) => [
    key,
    z.array(setting).min(1).optional().describe(`values of train.${key} to try`),
  ]);
  return z.strictObject(Object.fromEntries(lists) as GridShape<Shape>);
}

/** One combination of values to train with. */
export interface Trial {
  /** Its number, from 0; a grid leaves gaps, see {@link gridTrials}. */
  readonly trial: number;
  /** The values it tries, by setting; absent where nothing is tried. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/**
 * All combinations of the values, duplicates removed; a single trial without a grid.
 *
 * Trials are ordered by the largest index that one of their values has in its list, then as nested loops with the last list
 * innermost. Thus a combination keeps its number, and a model its task, when values are appended to any list. Lists of unequal
 * length leave gaps: 3 values by 2 give 0, 1, 2, 3, 6 and 7.
 */
export function gridTrials(
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

/** The values without later ones that are equal as JSON. */
export function distinctValues(values: readonly unknown[]): readonly unknown[] {
  const texts = values.map((value) => canonicalJson(toJson({ value })));
  return values.filter((_value, place) => texts.indexOf(texts[place] ?? "") === place);
}

/** All combinations of one index per list. */
function placesIn(lengths: readonly number[]): readonly (readonly number[])[] {
  return lengths.reduce<readonly (readonly number[])[]>(
    (combinations, length) =>
      combinations.flatMap((places) =>
        Array.from({ length }, (_none, place) => [...places, place]),
      ),
    [[]],
  );
}

/** How many combinations of infinite lists come before these indexes. */
function numberOf(places: readonly number[]): number {
  const largest = Math.max(...places);
  let before = largest ** places.length; // those with only smaller indexes than the largest here
  let hasLargest = false;
  for (const [list, place] of places.entries()) {
    const rest = places.length - list - 1;
    // With a smaller index in this list the remaining lists are free, except that one must reach the largest if none has yet.
    before += place * ((largest + 1) ** rest - (hasLargest ? 0 : largest ** rest));
    hasLargest ||= place === largest;
  }
  return before;
}
