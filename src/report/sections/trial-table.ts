import { backboneName } from "../wording/display-names.ts";
import { formatScore } from "../wording/format-score.ts";
import { html, type Html } from "../../page/html.ts";
import { dataTable } from "../../page/page-parts.ts";
import type { RunResults, TrialResult } from "../run-results.ts";

/** Longer tables are folded. */
const rowsAtOnce = 30;

/** Every trial with the score it was selected by, and no other. Null without a grid or search. */
export function trialTable({ trials }: Pick<RunResults, "trials">): Html | null {
  const [first] = trials;
  if (first === undefined) return null;
  const keys = [...new Set(trials.flatMap(({ settings }) => Object.keys(settings)))];
  const figure = `${first.metric === "auc" ? "AUC" : "LogLoss, nats"}, ${first.split}`;
  const isFirst = (trial: TrialResult): boolean =>
    trials.find((one) => one.backbone === trial.backbone && one.variant === trial.variant) ===
    trial;
  const table = dataTable(
    trials,
    [
      {
        head: "Backbone",
        cell: (trial) => (isFirst(trial) ? backboneName(trial.backbone) : null),
      },
      { head: "Variant", cell: (trial) => (isFirst(trial) ? trial.variant : null) },
      { head: "Trial", isNumber: true, cell: (trial) => trial.trial },
      ...keys.map((key) => ({
        head: key,
        isNumber: true,
        cell: ({ settings }: TrialResult) => valueText(settings[key]),
      })),
      {
        head: figure,
        isNumber: true,
        cell: ({ value }) => (value === null ? null : formatScore(value)),
      },
      {
        head: "",
        cell: ({ isSelected }) => (isSelected ? html`<strong>selected</strong>` : null),
      },
    ],
    `All trials: means over seeds. One trial per backbone and variant was selected on ${first.split}`,
    { isFirst },
  );
  return html`<h3>Trials</h3>
    ${
      trials.length <= rowsAtOnce
        ? table
        : html`<details>
            <summary>All ${trials.length} trials</summary>
            ${table}
          </details>`
    }`;
}

/** Null for a setting that does not concern the model. */
function valueText(value: unknown): string | null {
  if (value === undefined) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}
