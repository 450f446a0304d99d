/** @file The random search of settings: from where values are drawn, and how many combinations of them are tried. */
import { z } from "zod";
import { canonicalJson, toJson } from "../base/json.ts";
import { createRandom } from "../base/random.ts";
import { distinctValues, type Trial } from "./grid.ts";
import {
  isRange,
  leastValues,
  rangeSetting,
  valueInRange,
  type NumberRange,
} from "./number-range.ts";

type RangeSchema = z.ZodType<NumberRange>;

/** Numbers may be drawn from a range, anything from a list. */
type SpaceSchema<Setting extends z.ZodType> =
  number extends z.output<Setting>
    ? z.ZodUnion<readonly [z.ZodArray<Setting>, RangeSchema]>
    : z.ZodArray<Setting>;

type SearchShape<Shape extends Readonly<Record<string, z.ZodType>>> = {
  readonly [Key in keyof Shape]: z.ZodOptional<SpaceSchema<Shape[Key]>>;
} & { readonly trials: z.ZodInt; readonly seed: z.ZodDefault<z.ZodInt> };

/** Settings with the budget, and where the values of the others are drawn from. */
interface Search {
  readonly trials: number;
  readonly seed: number;
  readonly [key: string]: unknown;
}

/**
 * `train.search`: a budget, and for any of the settings in `shape` a list of values or, if it is a number, a range. Each value and limit
 * is checked by its setting's schema.
 */
export function searchSetting<Shape extends Readonly<Record<string, z.ZodType>>>(
  shape: Shape,
): z.ZodObject<SearchShape<Shape>, z.core.$strict> {
  const spaces = Object.entries(shape).map(([key, setting]) => [
    key,
    spaceSetting(setting).optional().describe(`values of train.${key} to draw from`),
  ]);
  const schema = z.strictObject({
    trials: z
      .int()
      .min(1)
      .max(leastValues)
      .describe("how many different combinations are drawn and trained"),
    seed: z
      .int()
      .min(0)
      .max(0x7fffffff)
      .default(1)
      .describe("of the draws: the same seed draws the same combinations"),
    ...(Object.fromEntries(spaces) as Record<string, z.ZodType>),
  });
  const checked = schema.superRefine((search, context) => {
    refuseBudget(search, wholeNumbersIn(shape), context);
  });
  return checked as unknown as z.ZodObject<SearchShape<Shape>, z.core.$strict>;
}

/** The settings in `shape` that are whole numbers, where they are numbers. */
export function wholeNumbersIn(
  shape: Readonly<Record<string, z.ZodType>>,
): (key: string) => boolean {
  return (key) => {
    const setting = shape[key];
    return setting !== undefined && numberIn(setting)?.format === "safeint";
  };
}

/**
 * The combinations that a search tries. Each setting has a stream of random numbers of its own; a combination that was drawn before is
 * drawn again. Thus a larger budget adds trials and leaves the earlier ones, their numbers and their models alone.
 *
 * @param isWhole - Whether numbers of a setting are whole
 * @returns As many as `trials`, or all there are
 */
export function searchTrials(
  { trials, seed, ...spaces }: Search,
  isWhole: (key: string) => boolean,
): readonly Trial[] {
  const settings = spacesOf(spaces).map(([key, space]) => {
    const { uniform } = createRandom(seed, `search ${key}`);
    return { key, draw: () => valueAt(space, uniform(), isWhole(key)) };
  });
  const drawn = new Map<string, Readonly<Record<string, unknown>>>();
  const wanted = Math.min(trials, combinations(spaces, isWhole));
  while (drawn.size < wanted) {
    const values = Object.fromEntries(settings.map(({ key, draw }) => [key, draw()]));
    const text = canonicalJson(toJson(values));
    if (!drawn.has(text)) drawn.set(text, values);
  }
  return [...drawn.values()].map((values, trial) => ({ trial, settings: values }));
}

function spaceSetting(setting: z.ZodType): z.ZodType {
  const list = z.array(setting).min(1);
  const number = numberIn(setting);
  if (number === undefined) return list;
  return z.union([list, rangeSetting(number)], {
    error: "expected a list of values, or a range such as { min: 0.0001, max: 0.01, scale: log }",
  });
}

/** The number that a setting is or may be. */
function numberIn(setting: z.ZodType): z.ZodNumber | undefined {
  if (setting instanceof z.ZodNumber) return setting;
  if (setting instanceof z.ZodDefault) return numberIn(setting.unwrap() as z.ZodType);
  if (setting instanceof z.ZodUnion) {
    return setting.options.find((option) => option instanceof z.ZodNumber);
  }
  return undefined;
}

function spacesOf(spaces: Readonly<Record<string, unknown>>): readonly [string, unknown][] {
  return Object.entries(spaces).filter(([, space]) => space !== undefined);
}

function refuseBudget(
  { trials, seed: _seed, ...spaces }: Search,
  isWhole: (key: string) => boolean,
  context: z.core.$RefinementCtx,
): void {
  if (context.issues.length > 0) return; // a misspelt setting may be the reason
  if (spacesOf(spaces).length === 0) {
    const message =
      "names no setting to try; add one, such as learningRate: { min: 0.0001, max: 0.01, scale: log }";
    context.addIssue({ code: "custom", message });
    return;
  }
  const most = combinations(spaces, isWhole);
  if (trials > most) {
    const message = `there are only ${most} different combinations; lower it, or try all of them with train.grid`;
    context.addIssue({ code: "custom", path: ["trials"], message });
  }
}

/** How many different combinations can be drawn; infinite with a range of numbers that are not whole. */
function combinations(
  spaces: Readonly<Record<string, unknown>>,
  isWhole: (key: string) => boolean,
): number {
  return spacesOf(spaces)
    .map(([key, space]) => {
      if (!isRange(space)) return distinctValues(space as readonly unknown[]).length;
      return isWhole(key) ? space.max - space.min + 1 : Infinity;
    })
    .reduce((product, size) => product * size, 1);
}

/** The value at a share, 0 to 1, of a list or range. */
function valueAt(space: unknown, share: number, isWhole: boolean): unknown {
  if (!isRange(space)) {
    const values = distinctValues(space as readonly unknown[]);
    return values[Math.floor(share * values.length)];
  }
  return valueInRange(space, share, isWhole);
}
