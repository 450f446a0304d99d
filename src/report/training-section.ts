import { html, type Html } from "./html.ts";
import { pendingNote, section } from "./page-parts.ts";
import type { ReportDetails } from "./report-details.ts";
import { modelTable } from "./result-section.ts";
import type { RunResults } from "./run-results.ts";
import { trainingFigures } from "./training-figures.ts";

/** Loss and validation AUC by epoch, and every model. */
export async function trainingSection(results: RunResults, details: ReportDetails): Promise<Html> {
  const title = "Training";
  if (details.epochs.length === 0) {
    return section("training", title, pendingNote("train", "Training curves"));
  }
  const hasValidation = details.epochs.some((epoch) => epoch.validAuc !== null);
  return section("training", title, [
    html`<p>
      One line is one seed; the dot marks the epoch whose weights were scored.
      ${hasValidation ? null : "This protocol has no validation split, hence no validation curve."}
    </p>`,
    html`<div class="figures">${await trainingFigures(details.epochs, results.models)}</div>`,
    html`<details>
      <summary>All ${results.models.length} trained models</summary>
      ${modelTable(results)}
    </details>`,
  ]);
}
