/** @file What figures of lifts share: a horizontal axis with zero in sight, and the line at it. */
import type { Axis, LinearScale, Mark } from "vega";
import { linearScale } from "../../page/chart-parts.ts";

/** Scale `x` over these lifts. */
export function liftScale(domain: NonNullable<LinearScale["domain"]>): LinearScale {
  return linearScale("x", domain, { nice: true });
}

/**
 * The axis of {@link liftScale}.
 *
 * @param format - Of its numbers, as d3-format has it
 */
export function liftAxis(title: string, format: string): Axis {
  return { orient: "bottom", scale: "x", tickCount: 5, grid: true, title, format };
}

/** No lift: a line over the whole height. */
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
