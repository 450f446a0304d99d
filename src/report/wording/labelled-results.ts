import type { ReportDetails } from "../report-details.ts";
import type { RunResults } from "../run-results.ts";
import { variantLabels } from "./variant-labels.ts";

/** The results with every variant under its label, as pages and tables for people show it. */
export function labelledResults(results: RunResults): RunResults {
  const labelOf = variantLabels(results.variants);
  const named = <Row extends { readonly variant: string }>(rows: readonly Row[]): readonly Row[] =>
    rows.map((row) => ({ ...row, variant: labelOf(row.variant) }));
  const { knowledge } = results;
  return {
    ...results,
    variants: named(results.variants),
    summaries: named(results.summaries),
    models: named(results.models),
    comparisons: named(results.comparisons).map((row) => ({
      ...row,
      baseline: labelOf(row.baseline),
    })),
    trials: named(results.trials),
    slices: named(results.slices),
    knowledge: {
      rounds: named(knowledge.rounds),
      writers: named(knowledge.writers),
      errors: knowledge.errors.map((row) => ({
        ...row,
        variant: row.variant === null ? null : labelOf(row.variant),
      })),
      vectors: named(knowledge.vectors),
    },
  };
}

/** The details of a page likewise. */
export function labelledDetails(details: ReportDetails, { variants }: RunResults): ReportDetails {
  const labelOf = variantLabels(variants);
  return {
    ...details,
    epochs: details.epochs.map((row) => ({ ...row, variant: labelOf(row.variant) })),
    examples: details.examples.map((example) => ({
      ...example,
      answers: example.answers.map((row) => ({ ...row, variant: labelOf(row.variant) })),
    })),
  };
}
