import { csvText } from "../../base/csv-text.ts";
import { costTotal, taskSeconds } from "./cost-texts.ts";
import { differenceOf, type RunComparison } from "./run-comparison.ts";
import { settingText } from "./setting-text.ts";

const head = [
  ...["run", "folder", "protocol", "backbone", "variant", "role", "seeds"],
  ...[
    "auc",
    "auc_sd",
    "logloss",
    "logloss_sd",
    "gauc",
    "auc_lift",
    "auc_lift_low",
    "auc_lift_high",
  ],
  ...["compared_with", "auc_difference", "auc_difference_low", "auc_difference_high", "auc_p"],
  ...["logloss_difference", "logloss_difference_low", "logloss_difference_high", "logloss_p"],
  ...["auc_p_holm", "logloss_p_holm", "resamples"],
  ...["requests", "prompt_tokens", "completion_tokens", "cost_usd", "task_seconds"],
];

/** A row per run, backbone and variant, with all digits; the settings that differ are columns, as are cost and time of the run. */
export function comparisonCsv(comparison: RunComparison): string {
  const { runs, settings, results } = comparison;
  const rows = results.flatMap((one) => {
    const place = runs.findIndex(({ run }) => run === one.run);
    const run = runs[place];
    if (run === undefined) return [];
    const found = differenceOf(comparison, one);
    const total = costTotal(run.costs);
    return [
      [
        ...[one.run, run.folder, run.protocol, one.backbone, one.variant, one.role, one.seeds],
        ...[one.auc.mean, one.auc.sd, one.logloss.mean, one.logloss.sd, one.gauc?.mean ?? null],
        ...[one.aucLift, ...(one.aucLiftInterval ?? [null, null])],
        ...[found?.baseline ?? null, found?.aucDifference ?? null],
        ...[...(found?.aucInterval ?? [null, null]), found?.aucP ?? null],
        ...[found?.loglossDifference ?? null, ...(found?.loglossInterval ?? [null, null])],
        ...[found?.loglossP ?? null, found?.aucPHolm ?? null, found?.loglossPHolm ?? null],
        found?.resamples ?? null,
        ...[total.requests, total.promptTokens, total.completionTokens, total.costUsd],
        taskSeconds(run),
        ...settings.map(({ values }) => settingOf(values[place] ?? null)),
      ],
    ];
  });
  return csvText([[...head, ...settings.map(({ setting }) => setting)], ...rows]);
}

function settingOf(value: Parameters<typeof settingText>[0]): string | null {
  return value === null ? null : settingText(value);
}
