/** @file The forms in which commands print results, apart from the commands: help names them, and loads nothing for it. */

/** Of a run's results. */
export const resultFormats = ["table", "json", "csv", "latex"] as const;
export type ResultFormat = (typeof resultFormats)[number];

/** Of runs side by side. */
export const comparisonFormats = [...resultFormats, "html"] as const;
export type ComparisonFormat = (typeof comparisonFormats)[number];
