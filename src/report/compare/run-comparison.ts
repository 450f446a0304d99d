import type { Json } from "../../base/json.ts";
import type { StageFacts } from "../run-facts.ts";
import type { Interval, MeanAndSpread, PValue, Role } from "../run-results.ts";

/** Several runs side by side: what `r4ec compare --format json` prints. The first run is what the others are compared with. */
export interface RunComparison {
  /** Incremented when code written for the previous format would misread it. */
  readonly format: 1;
  /** At least two, in the order in which they were given. */
  readonly runs: readonly ComparedRun[];
  /** The settings that are not the same in all runs. */
  readonly settings: readonly DifferingSetting[];
  /** Means over seeds of the selected trials, by backbone, variant and run. */
  readonly results: readonly ComparedResult[];
  /** Of runs with the first run's test rows: what both trained. */
  readonly differences: readonly RunDifference[];
  /** Runs that have no differences, and why not. */
  readonly notPaired: readonly NotPaired[];
}

export interface ComparedRun {
  /** Short and unique: the name of its folder, or as much of the path as tells it from the others. */
  readonly run: string;
  /** As it was given. */
  readonly folder: string;
  /** Its pipeline's name. */
  readonly name: string;
  readonly protocol: string;
  /** The source in words. */
  readonly dataset: string;
  readonly simulated: boolean;
  readonly interactions: number;
  readonly seeds: readonly number[];
  readonly selectedOn: readonly string[];
  /** Null before the stage samples has run. */
  readonly testRows: { readonly rows: number; readonly users: number } | null;
  readonly costs: readonly RoleCost[];
  readonly stages: readonly StageFacts[];
  /** Stages that have not run yet. */
  readonly pendingStages: readonly string[];
}

/** What was asked of one model in one role. */
export interface RoleCost {
  readonly role: string;
  readonly model: string;
  readonly requests: number;
  /** Null where the server does not say. */
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  /** US dollars at the time of payment; null without a price. */
  readonly costUsd: number | null;
  /** Whether some of the answers have no price. */
  readonly isPartlyUnpriced: boolean;
}

export interface DifferingSetting {
  /** Such as `train.learningRate`. */
  readonly setting: string;
  /** One per run; null where a run does not set it. */
  readonly values: readonly Json[];
}

export interface ComparedResult {
  readonly run: string;
  readonly backbone: string;
  readonly variant: string;
  /** What the variant is called by what made it. */
  readonly label: string;
  readonly role: Role;
  readonly seeds: number;
  readonly auc: MeanAndSpread;
  readonly logloss: MeanAndSpread;
  readonly gauc: MeanAndSpread | null;
  /** Over Base of the same run; null for Base, and without one. */
  readonly aucLift: number | null;
  readonly aucLiftInterval: Interval;
}

/** A backbone and variant in a run, less the same in the first run. */
export interface RunDifference {
  readonly run: string;
  /** The first run. */
  readonly baseline: string;
  readonly backbone: string;
  readonly variant: string;
  /** Seeds that both have: means are over these. */
  readonly seeds: number;
  readonly aucDifference: number;
  readonly aucInterval: Interval;
  /** Of this difference alone. */
  readonly aucP: PValue;
  /** Corrected by Holm's method for all differences of the comparison. */
  readonly aucPHolm: PValue;
  /** Nats; below 0 is better. */
  readonly loglossDifference: number;
  readonly loglossInterval: Interval;
  readonly loglossP: PValue;
  readonly loglossPHolm: PValue;
  readonly resamples: number;
}

export interface NotPaired {
  readonly run: string;
  /** Each names both sides. */
  readonly reasons: readonly string[];
}

/** The difference of a result to the first run; undefined where there is none. */
export function differenceOf(
  { differences }: Pick<RunComparison, "differences">,
  { run, backbone, variant }: Pick<ComparedResult, "run" | "backbone" | "variant">,
): RunDifference | undefined {
  return differences.find(
    (one) => one.run === run && one.backbone === backbone && one.variant === variant,
  );
}
