/** @file Cost and time of compared runs in words and sums. */
import { formatCount, formatSeconds } from "../../page/format-number.ts";
import type { ComparedRun, RoleCost } from "./run-comparison.ts";

/** Sums over all roles of a run. */
export interface CostTotal {
  readonly requests: number;
  /** Of the requests whose server says; null where none does. */
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  /** US dollars of the requests with a price; null where none has one. */
  readonly costUsd: number | null;
  readonly isPartlyUnpriced: boolean;
}

export function costTotal(costs: readonly RoleCost[]): CostTotal {
  const sum = (values: readonly (number | null)[]): number | null => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
  };
  return {
    requests: costs.reduce((total, { requests }) => total + requests, 0),
    promptTokens: sum(costs.map(({ promptTokens }) => promptTokens)),
    completionTokens: sum(costs.map(({ completionTokens }) => completionTokens)),
    costUsd: sum(costs.map(({ costUsd }) => costUsd)),
    isPartlyUnpriced: costs.some((cost) => cost.isPartlyUnpriced),
  };
}

/** "$1.2345", "no price", or "$1.2345 and what has no price". */
export function dollarText({
  costUsd,
  isPartlyUnpriced,
}: Pick<RoleCost, "costUsd" | "isPartlyUnpriced">): string {
  if (costUsd === null) return isPartlyUnpriced ? "no price" : "nothing";
  const digits = costUsd === 0 || costUsd >= 1 ? 2 : 4;
  return `$${costUsd.toFixed(digits)}${isPartlyUnpriced ? " and what has no price" : ""}`;
}

/** A number of tokens; "not said" where no server says. */
export function tokenText(tokens: number | null): string {
  return tokens === null ? "not said" : formatCount(tokens);
}

/** Wall time of all tasks of a run, seconds; tasks that ran at the same time count in full. */
export function taskSeconds({ stages }: Pick<ComparedRun, "stages">): number {
  return stages.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** How long a stage took in each run. */
export interface StageTimes {
  readonly stage: string;
  /** "–" where it has not run. */
  readonly times: readonly string[];
}

/** The stages of all runs, those that took longest first. */
export function stageTimes(runs: readonly Pick<ComparedRun, "stages">[]): readonly StageTimes[] {
  const names = [...new Set(runs.flatMap(({ stages }) => stages.map(({ name }) => name)))];
  return names
    .map((stage) => {
      const seconds = runs.map(
        ({ stages }) => stages.find(({ name }) => name === stage)?.seconds ?? null,
      );
      const times = seconds.map((one) => (one === null ? "–" : formatSeconds(one)));
      return { stage, times, most: Math.max(...seconds.map((one) => one ?? 0)) };
    })
    .toSorted((a, b) => b.most - a.most)
    .map(({ stage, times }) => ({ stage, times }));
}
