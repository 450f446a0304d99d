import { displayName } from "../wording/display-names.ts";
import { formatScore } from "../wording/format-score.ts";
import { html, type Html } from "../../page/html.ts";
import { dataTable } from "../../page/page-parts.ts";
import type { RunResults, TrialResult } from "../run-results.ts";

/** More rows than these are folded up. */
const rowsAtOnce = 30;

/** Every trial of the grid by the figure that chose among them, and by no other. Null without a grid. */
export function trialTable({ trials }: Pick<RunResults, "trials">): Html | null {
  const [first] = trials;
  if (first === undefined) return null;
  const keys = [...new Set(trials.flatMap(({ settings }) => Object.keys(settings)))];
  const figure = `${first.metric === "auc" ? "AUC" : "LogLoss, nats"}, ${first.split}`;
  const isFirst = (trial: TrialResult): boolean =>
    trials.find((one) => one.backbone === trial.backbone && one.variant === trial.variant) ===
    trial;
  const onTest = first.split === "test" ? ", that is, selected on test" : "";
  const table = dataTable(
    trials,
    [
      {
        head: "Backbone",
        cell: (trial) => (isFirst(trial) ? displayName(trial.backbone) : null),
      },
      { head: "Variant", cell: (trial) => (isFirst(trial) ? displayName(trial.variant) : null) },
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
    `Every trial of the grid: mean over seeds on the ${first.split} split, which chooses one for each backbone and variant${onTest}`,
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

function valueText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
