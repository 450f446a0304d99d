import { html, type Html } from "../../page/html.ts";
import { pendingNote, section } from "../../page/page-parts.ts";
import type { ReportDetails } from "../report-details.ts";
import { modelTable } from "./model-table.ts";
import type { RunResults } from "../run-results.ts";
import { shownModels, trainingFigures } from "../figures/training-figures.ts";
import { trialTable } from "./trial-table.ts";

/** Loss and validation AUC by epoch, and every model. */
export async function trainingSection(results: RunResults, details: ReportDetails): Promise<Html> {
  const title = "Training";
  if (details.epochs.length === 0) {
    return section("training", title, pendingNote("train", "Training curves"));
  }
  const hasValidation = details.epochs.some((epoch) => epoch.validAuc !== null);
  const selected = results.models.filter(({ isSelected }) => isSelected);
  const isPartial = shownModels(results.models).length < selected.length;
  return section("training", title, [
    html`<p>
      One line per seed; the dot marks the epoch whose weights were scored.
      ${hasValidation ? null : "There is no validation split, so there are no validation curves."}
      ${isPartial ? "Controls are not shown." : null}
    </p>`,
    html`<div class="figures">${await trainingFigures(details.epochs, results.models)}</div>`,
    html`<details>
      <summary>
        ${results.trials.length === 0 ? "All" : "The"} ${selected.length} trained
        models${results.trials.length === 0 ? null : " of the selected trials"}
      </summary>
      ${modelTable(results)}
    </details>`,
    trialTable(results),
  ]);
}
