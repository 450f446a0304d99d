/** @file Shared by all figures of lifts: a horizontal axis that includes zero, and the line at zero. */
import type { Axis, LinearScale, Mark } from "vega";
import { linearScale } from "../../page/chart-parts.ts";

/** Scale `x` over lifts. */
export function liftScale(domain: NonNullable<LinearScale["domain"]>): LinearScale {
  return linearScale("x", domain, { nice: true });
}

/**
 * The axis of {@link liftScale}.
 *
 * @param format - Of its numbers, in d3-format's notation
 */
export function liftAxis(title: string, format: string): Axis {
  return { orient: "bottom", scale: "x", tickCount: 5, grid: true, title, format };
}

/** The line at zero, over the whole height. */
export const zeroLine: Mark = {
  type: "rule",
  encode: {
    enter: {
      x: { scale: "x", value: 0 },
      y: { value: 0 },
      y2: { signal: "height" },
      stroke: { value: "var(--ink)" },
      strokeWidth: { value: 1.5 },
    },
  },
};
