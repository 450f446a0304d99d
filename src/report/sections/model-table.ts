import { backboneName } from "../wording/display-names.ts";
import { formatCount } from "../../page/format-number.ts";
import { formatScore } from "../wording/format-score.ts";
import type { Html } from "../../page/html.ts";
import { dataTable } from "../../page/page-parts.ts";
import type { ModelResult, RunResults } from "../run-results.ts";
import { selectionMark } from "../wording/sentences.ts";

/** Every trained model of the selected trials, seed by seed. */
export function modelTable(results: RunResults): Html {
  const mark = selectionMark(results);
  const score = (value: number | null): string | null =>
    value === null ? null : formatScore(value);
  const hasValid = results.models.some(({ validAuc }) => validAuc !== null);
  return dataTable(
    results.models.filter(({ isSelected }) => isSelected),
    [
      { head: "Backbone", cell: (model) => backboneName(model.backbone) },
      { head: "Variant", cell: (model) => model.variant },
      { head: "Seed", isNumber: true, cell: (model) => model.seed },
      ...(hasValid
        ? [{ head: "AUC, valid", isNumber: true, cell: (one: ModelResult) => score(one.validAuc) }]
        : []),
      { head: "AUC", isNumber: true, cell: (model) => formatScore(model.auc) },
      { head: "LogLoss", isNumber: true, cell: (model) => formatScore(model.logloss) },
      { head: "GAUC", isNumber: true, cell: (model) => score(model.gauc) },
      { head: "ECE", isNumber: true, cell: (model) => score(model.ece) },
      {
        head: "Scored epoch",
        isNumber: true,
        cell: (model) => `${model.bestEpoch} of ${model.epochs}`,
      },
      { head: "Parameters", isNumber: true, cell: (model) => formatCount(model.parameters) },
    ],
    `Trained models on the test split${mark === null ? "" : `, ${mark}`}`,
  );
}
