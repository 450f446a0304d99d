/** @file Ranges of numbers that a search draws from. */
import { z } from "zod";

/** How many different numbers a range has at least. */
export const leastValues = 1000;

/** Least width of a range as a share of its greatest value: narrower ones would not have so many numbers. */
const narrowest = 1e-9;

const scales = ["linear", "log"] as const;

/** Numbers from `min` to `max`, both included. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
  /** linear: all stretches of equal width are equally likely; log: those of equal ratio. */
  readonly scale: (typeof scales)[number];
}

/** Whether a search draws from a range, not from a list. */
export function isRange(space: unknown): space is NumberRange {
  return space instanceof Object && !Array.isArray(space);
}

/** The setting of a range whose limits are checked by `limit`. */
export function rangeSetting(limit: z.ZodNumber): z.ZodType {
  return z
    .strictObject({
      min: limit.describe("least value"),
      max: limit.describe("greatest value"),
      scale: z
        .enum(scales)
        .default("linear")
        .describe("log = equal ratios are equally likely, linear = equal widths"),
    })
    .superRefine(({ min, max, scale }, context) => {
      if (max - min <= narrowest * max) {
        const message = `must be less than max, ${max}; for a single value set it under train and leave it out of the search`;
        context.addIssue({ code: "custom", path: ["min"], message });
      }
      if (scale === "log" && min <= 0) {
        const message = "a log scale has no 0; give a min above 0, or use scale: linear";
        context.addIssue({ code: "custom", path: ["min"], message });
      }
    });
}

/** The number at a share, 0 to 1, of a range. */
export function valueInRange(range: NumberRange, share: number, isWhole: boolean): number {
  const { min, max, scale } = range;
  const [from, until] = isWhole ? [min - 0.5, max + 0.5] : [min, max];
  const value = scale === "log" ? from * (until / from) ** share : from + (until - from) * share;
  return Math.min(max, Math.max(min, isWhole ? Math.round(value) : shortened(value, range)));
}

/** With as few digits as leave the range at least {@link leastValues} values, so that people can read and copy it. */
function shortened(value: number, { min, max, scale }: NumberRange): number {
  const step = (scale === "log" ? Math.log(max / min) : max - min) / leastValues;
  const decimals = Math.ceil(-Math.log10(step));
  return scale === "log"
    ? Number(value.toPrecision(Math.min(17, Math.max(2, 1 + decimals))))
    : Number(value.toFixed(Math.min(100, Math.max(0, decimals))));
}
