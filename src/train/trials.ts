/** @file The trials of a training: those of its grid or of its search, whichever the settings have. */
import type { BackboneName } from "../models/backbones.ts";
import { distinctValues, gridTrials, type Trial } from "./grid.ts";
import { isRange } from "./number-range.ts";
import { searchTrials, wholeNumbersIn } from "./search.ts";
import { triedSettings, type TrainSettings } from "./settings.ts";
import type { Variant } from "./variants.ts";

type Tried = Pick<TrainSettings, "grid" | "search">;

/** What decides whether a setting changes a model. */
export interface TrialSubject {
  readonly backbone: BackboneName;
  readonly variant: Pick<Variant, "vectors" | "hasLongHistory">;
}

/**
 * The trials of each backbone and variant. Those of a grid are the same for all. Those of a search have the same values for all, less
 * the settings that change nothing of a model; where two become equal, the first is left.
 */
export function trialsOf({ grid, search }: Tried): (subject: TrialSubject) => readonly Trial[] {
  if (search === undefined) {
    const trials = gridTrials(grid);
    return () => trials;
  }
  const trials = searchTrials(search, wholeNumbersIn(triedSettings));
  return (subject) => {
    const fitting = trials.map(({ trial, settings = {} }) => ({
      trial,
      settings: Object.fromEntries(
        Object.entries(settings).filter(([key]) => isHeeded(key, subject)),
      ),
    }));
    const values = fitting.map(({ settings }) => settings);
    const first = new Set(distinctValues(values));
    return fitting
      .filter(({ settings }) => first.has(settings))
      .map(({ trial, settings }) =>
        Object.keys(settings).length === 0 ? { trial } : { trial, settings },
      );
  };
}

/** The settings whose values are tried instead of those under `train`. */
export function triedKeys({ grid, search }: Tried): readonly string[] {
  const { trials: _trials, seed: _seed, ...spaces } = search ?? {};
  const tried = Object.entries({ ...grid, ...spaces });
  return tried.flatMap(([key, values]) => (values === undefined ? [] : key));
}

/** The values that are tried of a setting, from whichever block; none for a range. */
export function triedValues<Key extends keyof TrainSettings["grid"]>(
  { grid, search }: Tried,
  key: Key,
): NonNullable<TrainSettings["grid"][Key]> | readonly [] {
  const searched: unknown = search?.[key];
  if (searched === undefined) return grid[key] ?? [];
  return isRange(searched) ? [] : (searched as NonNullable<TrainSettings["grid"][Key]>);
}

function isHeeded(key: string, { backbone, variant }: TrialSubject): boolean {
  switch (key) {
    case "connector":
    case "connectorWeights":
      return variant.vectors !== null;
    case "dien":
      return backbone === "dien";
    case "history":
      return !variant.hasLongHistory;
    default:
      return true;
  }
}
