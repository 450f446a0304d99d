import { backboneName } from "../wording/display-names.ts";
import { overControls } from "../wording/group-comparisons.ts";
import { html, type Html } from "../../page/html.ts";
import { intervalFigure } from "../figures/interval-figure.ts";
import { section } from "../../page/page-parts.ts";
import { comparisonTable } from "./comparison-table.ts";
import type { Comparison, RunResults } from "../run-results.ts";
import { controlsSentence, selectionMark } from "../wording/sentences.ts";

/** Knowledge against the controls, which get as much input without it. Null without controls. */
export async function controlsSection(results: RunResults): Promise<Html | null> {
  const groups = overControls(results.comparisons);
  if (groups.length === 0) return null;
  const comparisons = groups.flatMap((group) => group.comparisons);
  const backbones = [...new Set(comparisons.map(({ backbone }) => backbone))].sort();
  const isOnlyVariant = groups.length === 1;
  const rowName = ({ variant, baseline }: Comparison): string =>
    isOnlyVariant ? baseline : `${variant} − ${baseline}`;
  const mark = selectionMark(results);
  return section("controls", "Knowledge against the controls", [
    groups.map(
      ({ variant, comparisons: own }) =>
        html`<p class="lead">${controlsSentence(variant, own)}</p>`,
    ),
    html`<p>
      A control gets something else in place of knowledge: a longer history, the user’s id, plain
      statistics of the training rows, the vectors of other users and items, or noise. Only a lift
      over the controls shows that the content of the knowledge helps.
      ${mark === null ? null : html`<span class="tag">${mark}</span>`}
    </p>`,
    html`<div class="figures">
      ${await Promise.all(
        backbones.map((backbone) =>
          intervalFigure(results, {
            title: `${backboneName(backbone)}: lift in AUC over each control`,
            axisTitle: isOnlyVariant
              ? `AUC of ${groups[0]?.variant ?? ""} minus AUC of the control`
              : "AUC of knowledge minus AUC of the control",
            comparisons: comparisons.filter((one) => one.backbone === backbone),
            rowName,
            rightOfLine: "Right of the line, knowledge is better than the control.",
          }),
        ),
      )}
    </div>`,
    html`<details>
      <summary>As a table</summary>
      ${comparisonTable(
        comparisons.toSorted(
          (a, b) => backbones.indexOf(a.backbone) - backbones.indexOf(b.backbone),
        ),
        "Control",
        "Knowledge against controls on the same test rows, seeds and resamples",
      )}
    </details>`,
  ]);
}
