import { variantLabels } from "../wording/variant-labels.ts";
import { againstBase } from "../wording/group-comparisons.ts";
import type { RunResults } from "../run-results.ts";
import type { ComparedResult } from "./run-comparison.ts";

/** A run under its short name. */
export interface NamedResults {
  readonly run: string;
  readonly results: Pick<RunResults, "summaries" | "comparisons" | "variants">;
}

/** The results of all runs: those of a backbone and variant together, in the order in which they first occur. */
export function comparedResults(runs: readonly NamedResults[]): readonly ComparedResult[] {
  const rows = runs.flatMap(({ run, results }) => resultsOf(run, results));
  const firstOf = (key: (row: ComparedResult) => string): ((row: ComparedResult) => number) => {
    const order = [...new Set(rows.map(key))];
    return (row) => order.indexOf(key(row));
  };
  const backbone = firstOf((row) => row.backbone);
  const variant = firstOf((row) => row.variant);
  return rows.toSorted((a, b) => backbone(a) - backbone(b) || variant(a) - variant(b));
}

function resultsOf(
  run: string,
  { summaries, comparisons, variants }: NamedResults["results"],
): readonly ComparedResult[] {
  const labelOf = variantLabels(variants);
  return summaries.map(({ backbone, variant, role, seeds, auc, logloss, gauc }) => {
    const overBase = againstBase(comparisons).find(
      (one) => one.backbone === backbone && one.variant === variant,
    );
    return {
      ...{ run, backbone, variant, label: labelOf(variant), role, seeds, auc, logloss, gauc },
      aucLift: overBase?.aucLift ?? null,
      aucLiftInterval: overBase?.aucLiftInterval ?? null,
    };
  });
}
