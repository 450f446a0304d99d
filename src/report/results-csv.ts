import { csvText } from "../base/csv-text.ts";
import { againstBase } from "./wording/group-comparisons.ts";
import type { RunResults } from "./run-results.ts";

const head = [
  ...["run", "protocol", "backbone", "variant", "role", "trial", "seeds"],
  ...["auc", "auc_sd", "logloss", "logloss_sd", "gauc", "ece"],
  ...["auc_lift", "auc_lift_low", "auc_lift_high"],
  ...["logloss_change", "logloss_change_low", "logloss_change_high", "resamples"],
];

/** The results of a run as CSV: a row per backbone and variant, each with its difference to Base. All digits. */
export function resultsCsv(results: RunResults): string {
  const comparisons = againstBase(results.comparisons);
  const rows = results.summaries.map((one) => {
    const { backbone, variant, role, trial, seeds, auc, logloss, gauc, ece } = one;
    const lift = comparisons.find((row) => row.backbone === backbone && row.variant === variant);
    return [
      ...[results.name, results.protocol, backbone, variant, role, trial, seeds],
      ...[auc.mean, auc.sd, logloss.mean, logloss.sd, gauc?.mean ?? null, ece?.mean ?? null],
      ...[lift?.aucLift ?? null, ...(lift?.aucLiftInterval ?? [null, null])],
      ...[lift?.loglossChange ?? null, ...(lift?.loglossChangeInterval ?? [null, null])],
      lift?.resamples ?? null,
    ];
  });
  return csvText([head, ...rows]);
}
