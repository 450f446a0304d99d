import { activityFigure } from "../../page/activity-figure.ts";
import { cutOffs } from "../../page/cut-offs.ts";
import { formatCount, formatDay, formatShare } from "../../page/format-number.ts";
import { html, type Html } from "../../page/html.ts";
import { dataTable, factList, pendingNote, section } from "../../page/page-parts.ts";
import { ratingFigure } from "../../page/rating-figure.ts";
import type { ReportDetails } from "../report-details.ts";
import type { RunResults } from "../run-results.ts";
import { periodOf } from "../wording/sentences.ts";

/** The dataset: counts, distributions, splits. */
export async function dataSection(results: RunResults, details: ReportDetails): Promise<Html> {
  const { dataset } = results;
  if (dataset.interactions === 0) {
    return section("data", "Data", pendingNote("ingest", "Counts and distributions"));
  }
  return section("data", "Data", [
    factList([
      ["Data", dataset.label],
      [dataset.simulated ? "Simulated viewers" : "Users", formatCount(dataset.users)],
      ["Items rated", `${formatCount(dataset.items)} of ${formatCount(dataset.catalogueItems)}`],
      [
        dataset.simulated ? "Simulated interactions" : "Interactions",
        formatCount(dataset.interactions),
      ],
      ["Positive", dataset.positiveRate === null ? null : formatShare(dataset.positiveRate)],
      ["Period", periodOf(results)],
    ]),
    leftOutTable(results),
    html`<div class="figures">
      ${await ratingFigure(details.ratings)}
      ${await activityFigure(details.activity, cutOffs(results.splits))}
    </div>`,
    results.splits.length === 0
      ? pendingNote("samples", "The training, validation and test splits")
      : [splitTable(results), rolesNote(results)],
  ]);
}

function leftOutTable({ dataset: { leftOut } }: RunResults): Html | null {
  if (leftOut.length === 0) return null;
  return dataTable(
    leftOut,
    [
      { head: "Left out", cell: ({ step }) => step },
      { head: "Reason", cell: ({ reason }) => reason },
      { head: "Rows", isNumber: true, cell: ({ rows }) => formatCount(rows) },
    ],
    "Source rows that did not become interactions",
  );
}

function splitTable({ splits }: RunResults): Html {
  return dataTable(
    splits,
    [
      { head: "Split", cell: (split) => split.split },
      { head: "Rows", isNumber: true, cell: (split) => formatCount(split.rows) },
      { head: "Users", isNumber: true, cell: (split) => formatCount(split.users) },
      { head: "Items", isNumber: true, cell: (split) => formatCount(split.items) },
      { head: "Positive", isNumber: true, cell: (split) => formatShare(split.positiveRate) },
      { head: "From", isNumber: true, cell: (split) => formatDay(split.firstAt) },
      { head: "To", isNumber: true, cell: (split) => formatDay(split.lastAt) },
    ],
    "Rows that models are trained and scored on",
  );
}

function rolesNote({ roles }: RunResults): Html | null {
  const rowsOf = (name: string): number => roles.find((role) => role.role === name)?.rows ?? 0;
  if (roles.length === 0) return null;
  return html`<p class="note">
    ${formatCount(rowsOf("context"))} interactions are the users’ first events: knowledge is written
    from them, and no model is trained or scored on them. ${formatCount(rowsOf("dropped"))}
    interactions were dropped.
  </p>`;
}
